"""How an argument that holds unknown dims is written with tensors: one function for each kind of argument.

Each takes the argument as the user gave it and returns it as rewritten code would have handed it over; or `UNCHANGED`,
where the numbers already mean the right thing, or where one of the dims cannot be rebuilt. A list is healed whole or
not at all: a tensor beside a wrong number would keep Paddle from checking the number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shapetrace.capture import identity
from shapetrace.capture.tape import leaked
from shapetrace.dim import REMEMBERING, AnyDim, Stand, value_of
from shapetrace.remedies.symbolic.tensors import Tensors, is_whole

UNCHANGED = object()

Kind = Callable[[Tensors, Any, Mapping[str, Any]], Any]
"""From the argument and all arguments of the call by name, to the argument to hand over instead."""


def sizes(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """A list of sizes, any of which may be a tensor."""
    if not _leaks(value):
        return UNCHANGED
    return _with_tensors(tensors, [value] if _is_size(value) else value)


def inferring(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """A list of sizes one of which may be -1, to be inferred: the only unknown one needs no tensor.

    Paddle's own code leaks into this one too (`unflatten`, `tensordot`), so whose dim it is does not matter here: what
    is changed would have been refused, or wrong.
    """
    if not isinstance(value, list | tuple):
        return UNCHANGED
    dims = [item for item in value if _is_size(item)]
    unknown = [*dims, *(item for item in value if isinstance(item, int) and not _is_size(item) and item < 0)]
    if not dims or (len(unknown) == 1 and dims[0].origin.op == "read" and value_of(dims[0]) == -1):
        return UNCHANGED
    if len(unknown) == 1:
        return _alike(value, [-1 if item is dims[0] else item for item in value])
    return _with_tensors(tensors, value)


def keeping(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """The shape `expand` gives to `x`, in which -1 keeps the size that `x` has."""
    if _is_size(value) or not _leaks(value):
        return UNCHANGED
    x = call["x"]
    ahead = len(value) - x.ndim
    kept = [
        -1 if _is_size(item) and tensors.is_axis(item, x, position - ahead) else item
        for position, item in enumerate(value)
    ]
    if not any(map(_is_size, kept)):
        return UNCHANGED
    return _with_tensors(tensors, _alike(value, kept))


def keeping_in_vectors(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """The same for `broadcast_to`, whose tensors have the shape [1] on Paddle 2.6."""
    healed = keeping(tensors, value, call)
    if healed is UNCHANGED or identity.is_pir():
        return healed
    return _alike(value, [item if isinstance(item, int) else item.reshape([1]) for item in healed])


def vector(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """A list of sizes that must be one int32 tensor if any of them is a tensor."""
    healed = UNCHANGED if _is_size(value) or not _leaks(value) else _with_tensors(tensors, value)
    return UNCHANGED if healed is UNCHANGED else _stacked(healed, "int32")


def shifts(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """One number or several, which must be one int64 tensor if any of them is a tensor."""
    healed = _with_tensors(tensors, [value] if _is_size(value) else value) if _leaks(value) else UNCHANGED
    return UNCHANGED if healed is UNCHANGED else _stacked(healed, "int64")


def _stacked(items: Any, dtype: str) -> Any:
    import paddle

    tensors = [paddle.full([], item, "int64") if isinstance(item, int) else item.astype("int64") for item in items]
    stacked = paddle.stack(tensors).astype(dtype)
    stacked.stop_gradient = True
    return stacked


def spatial_padding(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """The padding of spatial axes, which may be a tensor; that of all axes may not."""
    if not isinstance(value, list | tuple) or len(value) != 2 * (call["x"].ndim - 2):
        return UNCHANGED
    return vector(tensors, value, call)


def number(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """One number, which may be a 0-d tensor: of integers for an int, else of float64."""
    return _or_unchanged(tensors.of(value)) if _is_number(value) and leaked(value) else UNCHANGED


def count(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """One int, which may be a 0-d int64 tensor."""
    return number(tensors, value, call) if _is_size(value) else UNCHANGED


def repeats(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """How often every element along `axis` is repeated: a tensor must say so for each of them."""
    import paddle

    x, axis = call["x"], call.get("axis")
    if axis is None and x.ndim != 1:
        return UNCHANGED
    tensor = count(tensors, value, call)
    return tensor if tensor is UNCHANGED else tensor.expand([paddle.shape(x)[axis or 0]])


def number_in_list(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """One int, which may be an int64 tensor of shape [1]."""
    tensor = count(tensors, value, call)
    return tensor if tensor is UNCHANGED else tensor.reshape([1])


def scale_factor(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """How many times as large: one number for all axes may be a float32 tensor of shape [1], several may not."""
    if not _is_number(value) or not leaked(value):
        return UNCHANGED
    tensor = tensors.cast(value, _dtype("float32"))
    return UNCHANGED if tensor is None else tensor.reshape([1])


def like(argument: str, *, also_whole: bool = True) -> Kind:
    """One number, which may be a tensor of the dtype that `argument` has, or names.

    Args:
        argument: Its name.
        also_whole: Whether a number with a fraction is cut off where that is a dtype of integers, as the number would be.
    """

    def of_its_dtype(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
        if not _is_number(value) or not leaked(value):
            return UNCHANGED
        other = call.get(argument)
        dtype = getattr(other, "dtype", other)
        if dtype is None or str(dtype).endswith("bool"):
            return _or_unchanged(tensors.cast(value, _own_dtype(value)))
        if not also_whole and not is_whole(value) and "int" in str(dtype):
            return UNCHANGED
        return _or_unchanged(tensors.cast(value, dtype))

    return of_its_dtype


def operand(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """The other operand of a tensor's operator: of its dtype, but for a number with a fraction beside integers."""
    return like("self", also_whole=False)(tensors, value, call)


def fraction(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """A number with a fraction as a tensor of Paddle's default dtype, to which integers beside it are cast; else `UNCHANGED`."""
    if not _is_number(value) or is_whole(value) or not leaked(value):
        return UNCHANGED
    return _or_unchanged(tensors.cast(value, _own_dtype(value)))


def bound(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """A limit of `clip`: a tensor of the dtype that `x` has, but for int64 on Paddle 2.6, which takes int32 there."""
    healed = like("x")(tensors, value, call)
    if healed is UNCHANGED or identity.is_pir() or not str(healed.dtype).endswith("int64"):
        return healed
    return healed.astype("int32")


def index(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """What stands in the brackets of `x[...]`: ints, slices of them, and tuples of both."""
    return _nested(tensors, value, _dtype("int64")) if _leaks(value) else UNCHANGED


def data(tensors: Tensors, value: Any, call: Mapping[str, Any]) -> Any:
    """The data of a tensor: numbers, all of one dtype."""
    if not _leaks(value):
        return UNCHANGED
    if isinstance(value, Stand):
        return _or_unchanged(tensors.cast(value, _dtype(str(getattr(value.value, "dtype", "int64")))))
    fractions = [item for item in _numbers(value) if not isinstance(item, int) and not is_whole(item)]
    return _nested(tensors, value, _own_dtype(fractions[0]) if fractions else _dtype("int64"))


def _numbers(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item)
    else:
        yield value


def _nested(tensors: Tensors, value: Any, dtype: Any) -> Any:
    if _is_number(value):
        return _or_unchanged(tensors.cast(value, dtype))
    if isinstance(value, slice):
        parts = [_nested(tensors, part, dtype) for part in (value.start, value.stop, value.step)]
        return UNCHANGED if any(part is UNCHANGED for part in parts) else slice(*parts)
    if isinstance(value, list | tuple):
        items = [_nested(tensors, item, dtype) for item in value]
        return UNCHANGED if any(item is UNCHANGED for item in items) else _alike(value, items)
    return float(value) if isinstance(value, int) and "float" in str(dtype) else value


def _own_dtype(number: AnyDim) -> Any:
    """The dtype that a plain number has in Paddle."""
    import paddle

    return paddle.int64 if is_whole(number) else _dtype(paddle.get_default_dtype())


def _dtype(name: str) -> Any:
    import paddle

    return getattr(paddle, name)


def _is_size(value: Any) -> bool:
    """Whether something stands for one whole number."""
    return _is_number(value) and is_whole(value)


def _is_number(value: Any) -> bool:
    """Whether something stands for one number."""
    return isinstance(value, REMEMBERING) and not (isinstance(value, Stand) and getattr(value.value, "ndim", 1) != 0)


def _with_tensors(tensors: Tensors, value: Any) -> Any:
    if not isinstance(value, list | tuple) or not all(
        isinstance(item, int) or _is_size(item) or hasattr(item, "dtype") for item in value
    ):
        return UNCHANGED
    healed = [tensors.of(item) if _is_size(item) else item for item in value]
    return UNCHANGED if any(item is None for item in healed) else _alike(value, healed)


def _leaks(value: Any) -> bool:
    """Whether a dim that the user's code read or computed is in an argument, at any depth."""
    if isinstance(value, REMEMBERING):
        return leaked(value)
    if isinstance(value, slice):
        return any(_leaks(part) for part in (value.start, value.stop, value.step))
    return isinstance(value, list | tuple) and any(_leaks(item) for item in value)


def _alike(value: list[Any] | tuple[Any, ...], items: list[Any]) -> list[Any] | tuple[Any, ...]:
    """The items as a list or tuple like `value`; plain ones, since `paddle.Size` takes nothing but ints."""
    return tuple(items) if isinstance(value, tuple) else items


def _or_unchanged(tensor: Any) -> Any:
    return UNCHANGED if tensor is None else tensor
