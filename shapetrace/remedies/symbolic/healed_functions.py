"""The functions of Paddle's by which numbers enter a program, and which of their arguments may be tensors.

They are the innermost Python functions that still tell a number from a tensor: `fill_constant` stands for `zeros`,
`ones` and `full`. Known to fit Paddle 2.6.2 and 3.0 to 3.3; what a version does not have is passed over.
Not among them, since the op wants a number known at the conversion: `randperm`, `roll`'s axis, `chunk`, `unstack`,
`unfold`, the padding of all axes and its value, the kernel of a pooling.
"""

from __future__ import annotations

from typing import NamedTuple

from shapetrace.facts import operators
from shapetrace.remedies.symbolic.kinds import (
    Kind,
    bound,
    count,
    data,
    index,
    inferring,
    keeping,
    keeping_in_vectors,
    like,
    number,
    number_in_list,
    repeats,
    scale_factor,
    shifts,
    sizes,
    spatial_padding,
    vector,
)


class HealedFunction(NamedTuple):
    """One function, and what may be a tensor among its arguments."""

    module: str
    function: str
    arguments: dict[str, Kind]
    parameters: tuple[str, ...] = ()
    """Its parameters, where Paddle declares it with `*args`."""


_MANIPULATION = "paddle.tensor.manipulation"
_CREATION = "paddle.tensor.creation"
_RANDOM = "paddle.tensor.random"
_MATH = "paddle.tensor.math"
_COMMON = "paddle.nn.functional.common"

FUNCTIONS = (
    HealedFunction(_MANIPULATION, "reshape", {"shape": inferring}),
    HealedFunction(_MANIPULATION, "reshape_", {"shape": inferring}),
    HealedFunction(_MANIPULATION, "split", {"num_or_sections": inferring}),
    HealedFunction(_MANIPULATION, "expand", {"shape": keeping}),
    HealedFunction(_MANIPULATION, "broadcast_to", {"shape": keeping_in_vectors}),
    HealedFunction("paddle", "roll", {"shifts": shifts}, ("x", "shifts", "axis")),
    HealedFunction(_MANIPULATION, "tile", {"repeat_times": sizes}),
    HealedFunction(_MANIPULATION, "slice", {"starts": sizes, "ends": sizes}),
    HealedFunction(_MANIPULATION, "strided_slice", {"starts": sizes, "ends": sizes, "strides": sizes}),
    HealedFunction(_MANIPULATION, "crop", {"shape": vector, "offsets": vector}),
    HealedFunction(_MANIPULATION, "repeat_interleave", {"repeats": repeats}),
    HealedFunction(_CREATION, "fill_constant", {"shape": sizes, "value": like("dtype")}),
    HealedFunction(_CREATION, "full_like", {"fill_value": like("x")}),
    HealedFunction(_CREATION, "empty", {"shape": sizes}),
    HealedFunction(_CREATION, "eye", {"num_rows": number_in_list, "num_columns": number_in_list}),
    HealedFunction(_CREATION, "arange", {"start": number, "end": number, "step": number}),
    HealedFunction(_CREATION, "_to_tensor_static", {"data": data}),
    HealedFunction(_RANDOM, "uniform", {"shape": sizes}),
    HealedFunction(_RANDOM, "gaussian", {"shape": sizes}),
    HealedFunction(_RANDOM, "randint", {"shape": sizes}),
    HealedFunction(_MATH, "scale", {"scale": like("x", also_whole=False)}),
    HealedFunction(_MATH, "pow", {"y": like("x", also_whole=False)}),
    HealedFunction(_MATH, "clip", {"min": bound, "max": bound}),
    HealedFunction("paddle.tensor.search", "topk", {"k": count}),
    HealedFunction("paddle.tensor.linalg", "bincount", {"minlength": count}),
    HealedFunction("paddle.nn.functional.input", "one_hot", {"num_classes": count}),
    HealedFunction("paddle.nn.functional.vision", "affine_grid", {"out_shape": vector}),
    HealedFunction("paddle.nn.functional.extension", "sequence_mask", {"maxlen": count}),
    HealedFunction(_COMMON, "interpolate", {"size": vector, "scale_factor": scale_factor}),
    HealedFunction(_COMMON, "_interpolate_wrapper", {"size": vector, "scale_factor": scale_factor}),
    HealedFunction(_COMMON, "pad", {"pad": spatial_padding}),
    HealedFunction("paddle.nn.functional.pooling", "adaptive_avg_pool2d", {"output_size": vector}),
    HealedFunction("paddle.nn.functional.conv", "conv2d_transpose", {"output_size": vector}),
    HealedFunction("paddle.base.variable_index", "_getitem_static", {"indices": index}),
    HealedFunction("paddle.base.variable_index", "_setitem_static", {"indices": index, "values": like("x")}),
)

WITH_FRACTIONS = frozenset(
    [
        *("full", "full_like", "clip", "arange", "linspace", "logspace", "lerp", "scale", "pow", "to_tensor", "where"),
        *("interpolate", "masked_fill", "reshape", "ones", "zeros", "__getitem__", "__setitem__"),
    ]
)
"""What the user calls, beside operators, that these functions heal a number with a fraction in, or what is rounded from one."""

_ARITHMETIC = (*(operator.method for operator in operators.ARITHMETIC), "div")
OPERATORS = tuple(f"__{name}__" for plain in _ARITHMETIC for name in (plain, f"r{plain}")) + tuple(
    f"__{operator.method}__" for operator in operators.COMPARISONS
)
"""Operators of a tensor of a program whose other operand may be a number."""
