"""What the small integer tensors of a program of Paddle 2.6 hold, once all sizes are known.

They are the results of `paddle.shape` and what is computed from those.

Where a model reshapes to `[x.shape[0], -1]`, the batch is a tensor in the program, which Paddle's shape inference does
not look into. Here such tensors are computed, so that shapes which depend on them can be inferred.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

MOST = 64
"""Elements of a tensor that is still computed: a shape has fewer."""

Numbers = "np.ndarray[Any, Any]"
_Operands = Callable[[str], Sequence[Any]]

_ELEMENTWISE: dict[str, Callable[[Any, Any], Any]] = {
    "elementwise_add": np.add,
    "elementwise_sub": np.subtract,
    "elementwise_mul": np.multiply,
    "elementwise_div": np.divide,
    "elementwise_floordiv": np.floor_divide,
    "elementwise_mod": np.mod,
    "elementwise_max": np.maximum,
    "elementwise_min": np.minimum,
    "elementwise_pow": np.power,
}
_UNARY: dict[str, Callable[[Any], Any]] = {
    "assign": lambda x: x,
    "share_data": lambda x: x,
    "floor": np.floor,
    "ceil": np.ceil,
    "abs": np.abs,
    "square": np.square,
    "sqrt": np.sqrt,
}
_REDUCE: dict[str, Callable[..., Any]] = {"reduce_prod": np.prod, "reduce_sum": np.sum, "reduce_max": np.max}
KINDS = frozenset(
    {
        *_ELEMENTWISE,
        *_UNARY,
        *_REDUCE,
        "shape",
        "size",
        "fill_constant",
        "assign_value",
        "cast",
        "scale",
        "slice",
        "concat",
        "stack",
        "squeeze2",
        "unsqueeze2",
        "reshape2",
        "gather",
    }
)
"""Types of the ops that can be computed."""


class Op:
    """What is to be known of an op in order to compute it.

    Args:
        kind: Its type.
        attribute: Gives an attribute, or None.
        held: Gives what the operands in a slot hold; None for each that is not known.
        shapes: Gives the shapes of the operands in a slot.
        integer: Whether its result is a tensor of integers.
    """

    def __init__(
        self,
        kind: str,
        attribute: Callable[[str], Any],
        held: Callable[[str], Sequence[Any]],
        shapes: Callable[[str], Sequence[Sequence[int]]],
        integer: bool,
    ) -> None:
        self.kind = kind
        self.attribute = attribute
        self.held = held
        self.shapes = shapes
        self.integer = integer

    def compute(self) -> Any:
        """What the result holds, as a NumPy array; None where that is not known."""
        with np.errstate(all="ignore"):
            result = self._computed()
        if result is None or result.size > MOST or not np.all(np.isfinite(result)):
            return None
        return np.trunc(result).astype("int64") if self.integer else np.asarray(result)

    def _computed(self) -> Any:
        if self.kind == "shape":
            (shape,) = self.shapes("Input")
            return np.array(shape, "int64") if min(shape, default=0) >= 0 else None
        if self.kind == "size":
            (shape,) = self.shapes("Input")
            return np.array(np.prod(shape, dtype="int64")) if min(shape, default=0) >= 0 else None
        if self.kind == "fill_constant":
            return self._filled()
        if self.kind == "assign_value":
            return self._assigned()
        slots = ("X", "Y") if self.kind in _ELEMENTWISE else ("Input",) if self.kind == "slice" else ("X",)
        operands = [value for slot in slots for value in self.held(slot)]
        if not operands or any(value is None for value in operands):
            return None
        if self.kind in _ELEMENTWISE:
            return _ELEMENTWISE[self.kind](*operands)
        if self.kind in _UNARY:
            return _UNARY[self.kind](operands[0])
        if self.kind in _REDUCE:
            axes = None if self.attribute("reduce_all") else tuple(self.attribute("dim"))
            return np.asarray(_REDUCE[self.kind](operands[0], axis=axes, keepdims=self.attribute("keep_dim")))
        return self._arranged(operands)

    def _filled(self) -> Any:
        shape = self.attribute("shape")
        if any(self.held("ValueTensor")) or min(shape, default=1) < 0 or np.prod(shape, dtype="int64") > MOST:
            return None
        text = self.attribute("str_value")
        return np.full(shape, float(text) if text else self.attribute("value"))

    def _assigned(self) -> Any:
        shape = self.attribute("shape")
        for name in ("int64_values", "int32_values", "values"):
            values = self.attribute(name)
            if values and len(values) <= MOST:
                return np.array([float(value) for value in values]).reshape(shape)
        return None

    def _arranged(self, operands: Sequence[Any]) -> Any:
        first = operands[0]
        if self.kind == "cast":
            return np.trunc(first) if self.integer else first
        if self.kind == "scale":
            if any(value is None for value in self.held("ScaleTensor")):
                return None
            scale, bias = self.attribute("scale"), self.attribute("bias")
            return first * scale + bias if self.attribute("bias_after_scale") else (first + bias) * scale
        if self.kind == "concat":
            return np.concatenate(operands, self.attribute("axis"))
        if self.kind == "stack":
            return np.stack(operands, self.attribute("axis"))
        if self.kind == "slice":
            return self._sliced(first)
        if self.kind == "gather":
            (index,) = self.held("Index")
            return None if index is None else np.take(first, index.astype("int64"), axis=self.attribute("axis") or 0)
        if self.kind == "squeeze2":
            axes = self.attribute("axes")
            return (
                np.squeeze(first, tuple(axis for axis in axes if first.shape[axis] == 1)) if axes else first.squeeze()
            )
        if self.kind == "unsqueeze2":
            for axis in self.attribute("axes"):
                first = np.expand_dims(first, axis)
            return first
        return first.reshape(self.attribute("shape"))

    def _sliced(self, values: Any) -> Any:
        index = [slice(None)] * values.ndim
        limits = zip(self.attribute("axes"), self.attribute("starts"), self.attribute("ends"), strict=True)
        for axis, start, end in limits:
            index[axis] = slice(start, end)
        taken = values[tuple(index)]
        dropped = tuple(self.attribute("decrease_axis") or ())
        return taken.reshape([size for axis, size in enumerate(taken.shape) if axis not in dropped])


def listed(whole: Sequence[Any], parts: Sequence[Any]) -> list[int] | None:
    """The numbers of a list argument: of one tensor that holds them all, or of a list of tensors. None if not known."""
    values = list(parts) if parts else list(whole)
    if not values or any(value is None for value in values):
        return None
    return [int(number) for value in values for number in np.ravel(value)]


OPERANDS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "reshape2": (("shape", "Shape", "ShapeTensor"),),
    "expand_v2": (("shape", "Shape", "expand_shapes_tensor"),),
    "tile": (("repeat_times", "RepeatTimes", "repeat_times_tensor"),),
    "slice": (("starts", "StartsTensor", "StartsTensorList"), ("ends", "EndsTensor", "EndsTensorList")),
    "set_value": (("starts", "", "StartsTensorList"), ("ends", "", "EndsTensorList"), ("steps", "", "StepsTensorList")),
    "strided_slice": (
        ("starts", "StartsTensor", "StartsTensorList"),
        ("ends", "EndsTensor", "EndsTensorList"),
        ("strides", "StridesTensor", "StridesTensorList"),
    ),
    "crop_tensor": (("shape", "Shape", "ShapeTensor"), ("offsets", "Offsets", "OffsetsTensor")),
    "split": (("sections", "", "SectionsTensorList"),),
    "pad3d": (("paddings", "Paddings", ""),),
    **dict.fromkeys(
        ("fill_constant", "uniform_random", "gaussian_random", "randint", "empty", "truncated_gaussian_random"),
        (("shape", "ShapeTensor", "ShapeTensorList"),),
    ),
}
"""Op type to its list arguments that may be tensors: the attribute, the slot of one tensor, and that of a list."""
SCALARS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "top_k_v2": (("k", "K"),),
    "one_hot_v2": (("depth", "depth_tensor"),),
}
"""The same for arguments that are one number."""
