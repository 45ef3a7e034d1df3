"""Where exports are served: one module an engine, brought as those of plugins are.

What stands beside them runs an engine in a process of its own: `process.py` starts it, `child.py` is what runs there,
`cutting.py` finds the op in there, and `paddle2onnx.py` makes the ONNX file that most engines load.
"""

from __future__ import annotations

from collections.abc import Sequence

from shapetrace.plugin import Engine, hookimpl
from shapetrace.verify.engines.inference import Inference
from shapetrace.verify.engines.onnxruntime import OnnxRuntime
from shapetrace.verify.engines.openvino import OpenVINO
from shapetrace.verify.engines.tensorrt import TensorRT

__all__ = ["Inference", "OnnxRuntime", "OpenVINO", "TensorRT", "shapetrace_engines"]


@hookimpl
def shapetrace_engines() -> Sequence[Engine]:
    """Those that ship with shapetrace."""
    return [Inference(), OnnxRuntime(), OpenVINO(), TensorRT()]
