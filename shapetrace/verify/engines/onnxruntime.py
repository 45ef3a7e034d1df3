"""ONNX Runtime on a CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shapetrace.plugin import Engine
from shapetrace.said import said

_PLAIN = said("without graph optimizations (ORT_DISABLE_ALL)")
_ERRORS = 3  # its level of logging: it raises what is fatal, and warns of much that is not


class OnnxRuntime(Engine):
    """Runs what Paddle2ONNX makes of the export."""

    name = "onnxruntime"
    summary = "ONNX Runtime on a CPU, by way of Paddle2ONNX"
    modules = ("onnxruntime",)
    install = "pip install 'shapetrace[onnx]'"
    format = "onnx"
    variants = ("", _PLAIN)

    def load(self, model: Path, variant: str) -> OnnxSession:
        """A session with its default options."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ERRORS
        if variant:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        return OnnxSession(onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"]))


class OnnxSession:
    """One session of ONNX Runtime."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def inputs(self) -> Sequence[str]:
        """Names of the inputs."""
        return [each.name for each in self._session.get_inputs()]

    def run(self, arrays: Mapping[str, Any]) -> Sequence[Any]:
        """Run it once."""
        outputs: list[Any] = self._session.run(None, dict(arrays))
        return outputs
