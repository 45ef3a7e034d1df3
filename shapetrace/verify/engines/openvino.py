"""OpenVINO on a CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shapetrace.plugin import Engine
from shapetrace.said import said

_EXACT = said("in full precision (INFERENCE_PRECISION_HINT f32)")


class OpenVINO(Engine):
    """Runs what Paddle2ONNX makes of the export. It rounds to 16 bits by default where the CPU is made for that."""

    name = "openvino"
    summary = "OpenVINO on a CPU, by way of Paddle2ONNX"
    modules = ("openvino",)
    install = "pip install 'shapetrace[openvino]'"
    format = "onnx"
    variants = ("", _EXACT)
    exact = _EXACT

    def load(self, model: Path, variant: str) -> Compiled:
        """The model, compiled for a CPU."""
        import openvino

        options = {"INFERENCE_PRECISION_HINT": "f32"} if variant else {}
        return Compiled(openvino.Core().compile_model(str(model), "CPU", options))


class Compiled:
    """One compiled model, with one request."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._request = model.create_infer_request()

    def inputs(self) -> Sequence[str]:
        """Names of the inputs: those of the file. A tensor may have further ones, of nodes that only handed it on."""
        return [each.node.get_friendly_name() for each in self._model.inputs]

    def run(self, arrays: Mapping[str, Any]) -> Sequence[Any]:
        """Run it once."""
        given = [arrays[name] for name in self.inputs()]
        outputs = self._request.infer(dict(enumerate(given)))
        return [outputs[each].copy() for each in self._model.outputs]
