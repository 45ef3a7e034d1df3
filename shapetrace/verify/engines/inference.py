"""Paddle Inference on a CPU, set up as people deploy it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shapetrace.plugin import Engine
from shapetrace.said import said

_PLAIN = said("without oneDNN (config.disable_mkldnn())")
_UNFUSED = said("without oneDNN and without its passes (config.switch_ir_optim(False))")


class Inference(Engine):
    """Paddle's own predictor. It has oneDNN on by default, which `jit.load` has not."""

    name = "inference"
    summary = "Paddle Inference on a CPU"
    modules = ("paddle",)
    install = "pip install 'shapetrace[cpu]'"
    variants = ("", _PLAIN, _UNFUSED)

    def load(self, model: Path, variant: str) -> Predictor:
        """The predictor that `paddle.inference.create_predictor` makes."""
        import paddle
        from paddle import inference

        paddle.disable_signal_handler()  # it may crash over a crash, and wait for ever then
        program = next((path for end in (".json", ".pdmodel") if (path := Path(f"{model}{end}")).exists()), None)
        if program is None:
            raise FileNotFoundError(f"there is no {model}.json or {model}.pdmodel")
        weights = Path(f"{model}.pdiparams")
        config = inference.Config(str(program), str(weights) if weights.exists() else "")
        config.disable_glog_info()
        if variant:
            config.disable_mkldnn()
        if variant == str(_UNFUSED):
            config.switch_ir_optim(False)
        return Predictor(inference.create_predictor(config))


class Predictor:
    """One predictor, fed and asked by name."""

    def __init__(self, predictor: Any) -> None:
        self._predictor = predictor

    def inputs(self) -> Sequence[str]:
        """Names of the inputs."""
        return list(self._predictor.get_input_names())

    def run(self, arrays: Mapping[str, Any]) -> Sequence[Any]:
        """Run it once."""
        for name, array in arrays.items():
            handle = self._predictor.get_input_handle(name)
            handle.reshape(list(array.shape))
            handle.copy_from_cpu(array)
        self._predictor.run()
        names = self._predictor.get_output_names()
        return [self._predictor.get_output_handle(name).copy_to_cpu() for name in names]
