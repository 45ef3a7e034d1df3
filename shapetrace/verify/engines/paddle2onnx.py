"""Makes an ONNX file of an export with Paddle2ONNX, and reads what it says when it cannot.

It ends the process (SIGABRT, or `exit` in C++) where it cannot, so this runs in a process of its own. What it prints names the
op at best; which ops it has a mapper for stands in its extension module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from shapetrace.facts import ops

OPSET = 17
"""The least opset that is asked for; Paddle2ONNX goes higher where an op wants it."""

_REGISTERED = re.compile(rb"N11paddle2onnx\d+([a-z]\w*?)PirGeneratorE")
_LEGACY = {
    "matmul": "matmul_v2",
    "batch_norm_": "batch_norm",
    "topk": "top_k_v2",
    "repeat_interleave_with_tensor_index": "repeat_interleave",
    "expand": "expand_v2",
    "assign_value_": "assign_value",
    "flatten": "flatten_contiguous_range",
    "unsqueeze": "unsqueeze2",
    "arange": "range",
    "argmax": "arg_max",
    "argmin": "arg_min",
    "floor_divide": "elementwise_floordiv",
    "subtract": "elementwise_sub",
    "multiply": "elementwise_mul",
    "divide": "elementwise_div",
    "remainder": "elementwise_mod",
    "minimum": "elementwise_min",
    "maximum": "elementwise_max",
    "min": "reduce_min",
    "max": "reduce_max",
    "mean": "reduce_mean",
    "sum": "reduce_sum",
    "prod": "reduce_prod",
    "any": "reduce_any",
    "all": "reduce_all",
    "numel": "size",
    "hardswish": "hard_swish",
    "hardsigmoid": "hard_sigmoid",
    "add": "elementwise_add",
    "add_n": "sum",
    "grid_sample": "grid_sampler",
    "nonzero": "where_index",
}
"""Names that mappers are registered under, where they are not the op's (`convert_pir_op_name` in paddle2onnx/mapper/exporter.h)."""
_WITHOUT = frozenset({*ops.INPUTS, "pd_op.fetch", ops.IF, ops.WHILE})
"""Ops that need no mapper."""

_ERROR = re.compile(r"\[ERROR\]\[Paddle2ONNX\] ?(.+)|Failed to convert PaddlePaddle model: (.+?)\.?(?:\x1b\[0m)?$")
_EMPTY = ("There are unsupported features", "Due to the unsupported operators")
"""Messages that say no more than that there was one."""
_UNSUPPORTED = "Due to the unsupported operators"


def convert(export: Path, file: Path) -> None:
    """Make an ONNX file. May end this process.

    Args:
        export: As given to `paddle.jit.save`.
        file: To be written.
    """
    import paddle2onnx

    program = next((path for end in (".json", ".pdmodel") if (path := Path(f"{export}{end}")).exists()), None)
    paddle2onnx.export(
        str(program),
        f"{export}.pdiparams",
        str(file),
        opset_version=OPSET,
        auto_upgrade_opset=True,
        optimize_tool="None",  # its default starts `pip install`
    )
    if not file.exists() or not file.stat().st_size:
        raise RuntimeError("Paddle2ONNX wrote no file")


def told(output: str) -> str:
    """What Paddle2ONNX printed about its failure, as one sentence; empty where it said nothing that helps."""
    found = [next(filter(None, match.groups())).strip() for match in map(_ERROR.search, output.splitlines()) if match]
    return "; ".join(dict.fromkeys(text for text in found if not text.startswith(_EMPTY)))


def lacks_mappers(output: str) -> bool:
    """Whether it failed because of ops that it has no mapper for."""
    return _UNSUPPORTED in output


def without_mapper(names: Iterable[str]) -> list[str]:
    """Which ops of a program it has no mapper for; none where that cannot be read.

    Args:
        names: Of the ops, such as `pd_op.logit`.
    """
    registered = mappers()
    if not registered:
        return []
    return [name for name in dict.fromkeys(names) if name.startswith("pd_op.") and not _mapped(name, registered)]


def _mapped(name: str, registered: frozenset[str]) -> bool:
    own = ops.bare(name)
    return name in _WITHOUT or bool(registered.intersection({own, own.rstrip("_"), _LEGACY.get(own, own)}))


@cache
def mappers() -> frozenset[str]:
    """The names that the installed Paddle2ONNX has mappers under, read off the symbols of its extension module."""
    found = find_spec("paddle2onnx")
    folder = Path(found.origin).parent if found is not None and found.origin else None
    modules = folder.glob("paddle2onnx_cpp2py_export*") if folder is not None else ()
    return frozenset(name.decode() for module in modules for name in _REGISTERED.findall(module.read_bytes()) if name)
