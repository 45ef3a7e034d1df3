"""The ops of Paddle 2.6 under the names that Paddle 3.x has for them.

A trace has one vocabulary of ops, whichever Paddle was watched, so that rules, reports and `shapetrace diff` need not
know two. What 3.x has under the same name needs no entry here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_PREFIX = "pd_op."

_TYPES = {
    "shape": "shape64",
    "fill_constant": "full",
    "fill_constant_batch_size_like": "full_batch_size_like",
    "fill_any_like": "full_like",
    "lookup_table_v2": "embedding",
    "range": "arange",
    "where_index": "nonzero",
    "top_k_v2": "topk",
    "arg_max": "argmax",
    "arg_min": "argmin",
    "reduce_sum": "sum",
    "reduce_mean": "mean",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_prod": "prod",
    "reduce_any": "any",
    "reduce_all": "all",
    "elementwise_add": "add",
    "elementwise_sub": "subtract",
    "elementwise_mul": "multiply",
    "elementwise_div": "divide",
    "elementwise_floordiv": "floor_divide",
    "elementwise_mod": "remainder",
    "elementwise_max": "maximum",
    "elementwise_min": "minimum",
    "elementwise_fmax": "fmax",
    "elementwise_fmin": "fmin",
    "flatten_contiguous_range": "flatten",
    "uniform_random": "uniform",
    "gaussian_random": "gaussian",
    "bilinear_interp_v2": "bilinear_interp",
    "nearest_interp_v2": "nearest_interp",
    "bicubic_interp_v2": "bicubic_interp",
    "trilinear_interp_v2": "trilinear_interp",
    "linear_interp_v2": "linear_interp",
    "split": "split",
    "p_norm": "p_norm",
}
"""Op types whose name is another one in 3.x. Beyond these, a trailing `2` or `_v2` is dropped."""
_SAME = frozenset({"atan2", "conv2d", "log2", "pool2d"})

_ATTRIBUTES = {
    "transpose": {"axis": "perm"},
    "matmul": {"trans_x": "transpose_x", "trans_y": "transpose_y"},
    "sum": {"dim": "axis", "keep_dim": "keepdim"},
    "mean": {"dim": "axis", "keep_dim": "keepdim"},
    "max": {"dim": "axis", "keep_dim": "keepdim"},
    "min": {"dim": "axis", "keep_dim": "keepdim"},
    "prod": {"dim": "dims", "keep_dim": "keep_dim"},
    "tile": {"repeat_times": "repeat_times"},
    "roll": {"shifts": "shifts"},
}
"""Attributes whose name is another one in 3.x."""

_ORDER = {"embedding": ("Ids", "W"), "where": ("Condition", "X", "Y"), "while": ("Condition", "X")}
"""Order of the operands, where Paddle 2.6 lists them in another one."""
_FIRST = ("X", "Input", "Data", "LogitsTensor")
_LISTS = frozenset({"shape", "repeat_times", "sections", "starts", "ends", "axes", "axis", "perm"})
"""Attributes that 3.x has as operands: what a check of shapes wants to see."""

HIDDEN = frozenset(
    {
        "op_callstack",
        "op_device",
        "op_namescope",
        "op_role",
        "op_role_var",
        "with_quant_attr",
        "sub_block",
        "use_mkldnn",
        "use_cudnn",
        "use_quantizer",
        "mkldnn_data_type",
    }
)
"""Attributes that every op has and that tell nothing of shapes."""


def name(kind: str) -> str:
    """The name of an op of this type, such as `reshape` for `reshape2`."""
    if kind in _SAME:
        return kind
    return _TYPES.get(kind) or kind.removesuffix("_v2").removesuffix("2")


def recorded_name(kind: str) -> str:
    """The same in the form of `Op.name`: `pd_op.reshape`."""
    return _PREFIX + name(kind)


def attribute(op: str, written: str) -> str:
    """The name of an attribute of an op that has the name `op`."""
    return _ATTRIBUTES.get(op, {}).get(written, written)


def operand_slots(op: str, slots: list[str]) -> list[str]:
    """The operands' names in the order of 3.x: what is worked on comes first."""
    order = _ORDER.get(op, _FIRST)
    return sorted(slots, key=lambda slot: order.index(slot) if slot in order else len(order))


def operands(op: str, inputs: Mapping[str, Any], attributes: Mapping[str, Any]) -> Iterator[Any]:
    """What a call of the op would be given in 3.x: tensors, lists of tensors, and the numbers that shapes are made of."""
    for slot in operand_slots(op, list(inputs)):
        operand = inputs[slot]
        if isinstance(operand, list | tuple) and len(operand) == 1 and op not in ("concat", "stack"):
            operand = operand[0]
        if operand is not None and not (isinstance(operand, list | tuple) and not operand):
            yield operand
    for key, value in attributes.items():
        if attribute(op, key) in _LISTS:
            yield value
