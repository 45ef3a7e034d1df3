"""TensorRT on a GPU. Not run by our tests, which have none: it is written after NVIDIA's documentation of TensorRT 10."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shapetrace.plugin import Engine
from shapetrace.said import Sentence, said

_DEVICE = Path("/dev/nvidia0")
_LARGEST = 1024  # of an unknown axis in the optimization profile; batches have their own
_LARGEST_BATCH = 8
_USUAL = 128


class TensorRT(Engine):
    """Builds an engine of what Paddle2ONNX makes of the export, and runs that."""

    name = "tensorrt"
    summary = "TensorRT on an NVIDIA GPU, by way of Paddle2ONNX"
    modules = ("tensorrt",)
    install = "pip install tensorrt 'shapetrace[onnx,gpu]'"
    format = "onnx"

    def missing(self, *, converting: bool = True) -> Sentence:
        """What is missing; a GPU before all else."""
        if not _DEVICE.exists():
            return said("it needs an NVIDIA GPU, and there is none here; where there is one: {}", self.install)
        return super().missing(converting=converting)

    def load(self, model: Path, variant: str) -> Executed:
        """An engine, built for sizes from 1 up to what `verify` uses."""
        import tensorrt as trt

        logger = trt.Logger(trt.Logger.ERROR)
        builder = trt.Builder(logger)
        network = builder.create_network(0)
        parser = trt.OnnxParser(network, logger)
        if not parser.parse(model.read_bytes()):
            said = [str(parser.get_error(number)) for number in range(parser.num_errors)]
            raise RuntimeError("; ".join(said))
        config = builder.create_builder_config()
        config.clear_flag(trt.BuilderFlag.TF32)  # it would round to ten bits
        config.add_optimization_profile(_profile(builder, network))
        plan = builder.build_serialized_network(network, config)
        if plan is None:
            raise RuntimeError("TensorRT built no engine of the model")
        return Executed(trt.Runtime(logger).deserialize_cuda_engine(plan))


def _profile(builder: Any, network: Any) -> Any:
    """Sizes from 1 up for each unknown axis; the first axis is a batch."""
    profile = builder.create_optimization_profile()
    for number in range(network.num_inputs):
        given = network.get_input(number)
        shape = list(given.shape)
        largest = [_LARGEST_BATCH if axis == 0 else _LARGEST for axis in range(len(shape))]
        usual = [1 if axis == 0 else _USUAL for axis in range(len(shape))]
        shapes = [
            tuple(size if size >= 0 else other for size, other in zip(shape, others, strict=True))
            for others in ([1] * len(shape), usual, largest)
        ]
        profile.set_shape(given.name, *shapes)
    return profile


class Executed:
    """One engine with one context. Memory on the GPU is Paddle's."""

    def __init__(self, engine: Any) -> None:
        import tensorrt as trt

        self._engine = engine
        self._context = engine.create_execution_context()
        names = [engine.get_tensor_name(number) for number in range(engine.num_io_tensors)]
        self._inputs = [name for name in names if engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT]
        self._outputs = [name for name in names if name not in self._inputs]

    def inputs(self) -> Sequence[str]:
        """Names of the inputs."""
        return self._inputs

    def run(self, arrays: Mapping[str, Any]) -> Sequence[Any]:
        """Run it once."""
        import paddle
        import tensorrt as trt

        place = paddle.CUDAPlace(0)
        held = {name: paddle.to_tensor(array, place=place) for name, array in arrays.items()}
        for name, tensor in held.items():
            self._context.set_input_shape(name, tuple(tensor.shape))
        for name in self._outputs:
            dtype = trt.nptype(self._engine.get_tensor_dtype(name)).__name__
            held[name] = paddle.empty(list(self._context.get_tensor_shape(name)), dtype=dtype.rstrip("_"))
        for name, tensor in held.items():
            self._context.set_tensor_address(name, tensor.data_ptr())
        stream = paddle.device.cuda.current_stream()
        if not self._context.execute_async_v3(stream.cuda_stream):
            raise RuntimeError("TensorRT could not run the model")
        stream.synchronize()
        return [held[name].numpy() for name in self._outputs]
