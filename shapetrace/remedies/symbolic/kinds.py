"""How an argument that holds unknown dims is written with tensors: one function for each kind of argument.

Each takes the argument as the user gave it and returns it as rewritten code would have handed it over; or `UNCHANGED`,
where the numbers already mean the right thing, or where one of the dims cannot be rebuilt. A list is healed whole or
not at all: a tensor beside a wrong number would keep Paddle from checking the number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shapetrace.capture import makers
from shapetrace.capture.tape import leaked
from shapetrace.dim import Dim, value_of
from shapetrace.remedies.symbolic.tensors import Tensors

UNCHANGED = object()

Kind = Callable[[Tensors, Any, Mapping[str, Any]], Any]
"""From the argument and all arguments of the call by name, to the argument to hand over instead."""


def sizes(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """A list of sizes, any of which may be a tensor."""
    if not _leaks(value):
        return UNCHANGED
    return _with_tensors(tensors, [value] if type(value) is Dim else value)


def inferring(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """A list of sizes one of which may be -1, to be inferred: the only unknown one needs no tensor.

    Paddle's own code leaks into this one too (`unflatten`, `tensordot`), so whose dim it is does not matter here: what
    is changed would have been refused, or wrong.
    """
    if not isinstance(value, list | tuple):
        return UNCHANGED
    unknown = [item for item in value if isinstance(item, int) and (item < 0 or type(item) is Dim)]
    dims = [item for item in unknown if type(item) is Dim]
    if not dims or (len(unknown) == 1 and value_of(dims[0]) == -1 and dims[0].origin.op == "read"):
        return UNCHANGED
    if len(unknown) == 1:
        return _alike(value, [-1 if item is dims[0] else item for item in value])
    return _with_tensors(tensors, value)


def keeping(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """The shape `expand` gives to `x`, in which -1 keeps the size that `x` has."""
    if type(value) is Dim or not _leaks(value):
        return UNCHANGED
    x = call["x"]
    ahead = len(value) - x.ndim
    kept = [
        -1 if type(item) is Dim and tensors.is_axis(item, x, position - ahead) else item
        for position, item in enumerate(value)
    ]
    if not any(type(item) is Dim for item in kept):
        return UNCHANGED
    return _with_tensors(tensors, _alike(value, kept))


def keeping_in_vectors(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """The same for `broadcast_to`, whose tensors have the shape [1] on Paddle 2.6."""
    healed = keeping(tensors, value, call)
    if healed is UNCHANGED or makers.is_pir():
        return healed
    return _alike(value, [item if isinstance(item, int) else item.reshape([1]) for item in healed])


def vector(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """A list of sizes that must be one int32 tensor if any of them is a tensor."""
    import paddle

    if type(value) is Dim or not _leaks(value):
        return UNCHANGED
    healed = _with_tensors(tensors, value)
    if healed is UNCHANGED:
        return UNCHANGED
    items = [paddle.full([], item, "int64") if isinstance(item, int) else item.astype("int64") for item in healed]
    stacked = paddle.stack(items).astype("int32")
    stacked.stop_gradient = True
    return stacked


def spatial_padding(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """The padding of spatial axes, which may be a tensor; that of all axes may not."""
    if not isinstance(value, list | tuple) or len(value) != 2 * (call["x"].ndim - 2):
        return UNCHANGED
    return vector(tensors, value, call)


def number(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """One int, which may be a 0-d int64 tensor."""
    if type(value) is not Dim or not leaked(value):
        return UNCHANGED
    return _or_unchanged(tensors.of(value))


def repeats(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """How often every element along `axis` is repeated: a tensor must say so for each of them."""
    import paddle

    x, axis = call["x"], call.get("axis")
    if axis is None and x.ndim != 1:
        return UNCHANGED
    tensor = number(tensors, value, call)
    return tensor if tensor is UNCHANGED else tensor.expand([paddle.shape(x)[axis or 0]])


def number_in_list(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """One int, which may be an int64 tensor of shape [1]."""
    tensor = number(tensors, value, call)
    return tensor if tensor is UNCHANGED else tensor.reshape([1])


def like(argument: str) -> Kind:
    """One number, which may be a tensor of the dtype that `argument` has, or names."""

    def of_its_dtype(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
        if type(value) is not Dim or not leaked(value):
            return UNCHANGED
        other = call.get(argument)
        dtype = getattr(other, "dtype", other)
        if dtype is None or str(dtype).endswith("bool"):
            return _or_unchanged(_int64(tensors, value))
        return _or_unchanged(tensors.cast(value, dtype))

    return of_its_dtype


def bound(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """A limit of `clip`: a tensor of the dtype that `x` has, but for int64 on Paddle 2.6, which takes int32 there."""
    healed = like("x")(tensors, value, call)
    if healed is UNCHANGED or makers.is_pir() or not str(healed.dtype).endswith("int64"):
        return healed
    return healed.astype("int32")


def index(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """What stands in the brackets of `x[...]`, ints, slices of them, and tuples of both; and the data of a tensor."""
    return _nested(tensors, value) if _leaks(value) else UNCHANGED


def _nested(tensors: Tensors, value: Any) -> Any:
    if type(value) is Dim:
        return _or_unchanged(_int64(tensors, value))
    if isinstance(value, slice):
        parts = [_nested(tensors, part) for part in (value.start, value.stop, value.step)]
        return UNCHANGED if any(part is UNCHANGED for part in parts) else slice(*parts)
    if isinstance(value, list | tuple):
        items = [_nested(tensors, item) for item in value]
        return UNCHANGED if any(item is UNCHANGED for item in items) else _alike(value, items)
    return value


def _int64(tensors: Tensors, dim: Dim) -> Any:
    """The dim as a tensor of the dtype that a plain int has in Paddle."""
    import paddle

    return tensors.cast(dim, paddle.int64)


def _with_tensors(tensors: Tensors, value: Any) -> Any:
    healed = [tensors.of(item) if type(item) is Dim else item for item in value]
    return UNCHANGED if any(item is None for item in healed) else _alike(value, healed)


def _leaks(value: Any) -> bool:
    """Whether a dim that the user's code read or computed is in an argument, at any depth."""
    if type(value) is Dim:
        return leaked(value)
    if isinstance(value, slice):
        return any(_leaks(part) for part in (value.start, value.stop, value.step))
    return isinstance(value, list | tuple) and any(_leaks(item) for item in value)


def _alike(value: list[Any] | tuple[Any, ...], items: list[Any]) -> list[Any] | tuple[Any, ...]:
    """The items as a list or tuple like `value`; plain ones, since `paddle.Size` takes nothing but ints."""
    return tuple(items) if isinstance(value, tuple) else items


def _or_unchanged(tensor: Any) -> Any:
    return UNCHANGED if tensor is None else tensor
