"""Input specs with more axes unknown than their author has left so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

Unknown = Literal["batch", "all"]
UNKNOWNS: tuple[Unknown, ...] = get_args(Unknown)
"""`batch`: the first axis of each input. `all`: of inputs of floats all axes but that of channels, of others all."""


def opened(input_spec: Sequence[Any], which: Unknown) -> list[Any]:
    """An input spec with more axes unknown.

    The axis of channels is the second of images and volumes (four axes and more), and the last of what has two or three: layers are made for
    its size. It stays as it is.

    Args:
        input_spec: Specs, in any structure; what is none is left as it is.
        which: The axes.
    """
    import paddle
    from paddle.static import InputSpec

    flat = [
        InputSpec(_opened(each, which), each.dtype, each.name) if isinstance(each, InputSpec) and each.shape else each
        for each in paddle.utils.flatten(list(input_spec))
    ]
    packed: list[Any] = paddle.utils.pack_sequence_as(list(input_spec), flat)
    return packed


def _opened(spec: Any, which: Unknown) -> list[int]:
    shape = [int(size) if size is not None else -1 for size in spec.shape]
    if which == "batch":
        return [-1, *shape[1:]]
    channels = -1
    if len(shape) > 1 and "float" in str(spec.dtype):
        channels = 1 if len(shape) > 3 else len(shape) - 1
    return [size if axis == channels else -1 for axis, size in enumerate(shape)]
