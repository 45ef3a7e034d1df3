"""What Python, NumPy and Paddle say where they need the numbers that a tensor holds, and a tensor of a program holds none.

Read off CPython's and NumPy's messages and `paddle/pir/math_op_patch.py` (3.x: `_int_`, `_fake_interface_only_`), and seen on 2.6.2
and 3.3.1. A tensor that is called, unpacked or added to a None is another matter, and none of these.
"""

from __future__ import annotations

import re
from typing import Literal

from shapetrace.said import Said, said

Want = Literal["truth", "number", "integer", "array", "list", "length", "key", "text", "repeat"]
"""What was to be made of a tensor's values."""

_METHODS = r"numpy|tolist|item|__array__"
_WANTED: tuple[tuple[Want, re.Pattern[str]], ...] = (
    ("truth", re.compile(r"\bbool\(Tensor\) is not supported")),
    ("number", re.compile(r"\b(int|float|complex)\(Tensor\) is not supported|must be real number, not ")),
    ("number", re.compile(r"\b(int|float|complex)\(\) (first )?argument must be a string")),
    ("number", re.compile(r"doesn't define __(round|trunc|ceil|floor)__ method")),
    ("number", re.compile(r"unsupported operand type\(s\) for divmod\(\)")),
    ("text", re.compile(r"format: (a real number|an integer) is required|unsupported format string passed to ")),
    ("integer", re.compile(r"cannot be interpreted as an integer|indices must be integers|index must be integer")),
    ("integer", re.compile(r"only integers, slices .* are valid indices", re.DOTALL)),
    ("repeat", re.compile(r"can't multiply sequence by non-int")),
    ("length", re.compile(r"has no len\(\)")),
    ("list", re.compile(r"'tolist' only can be called|has no attribute 'tolist'")),
    ("array", re.compile(rf"'({_METHODS})' only can be called|has no attribute '({_METHODS})'")),
    ("array", re.compile(r"setting an array element with a sequence|loop of ufunc does not support argument")),
)
_ARRAYS = re.compile(
    r"too many indices for array: array is 0-dimensional|got an unexpected keyword argument|setting an array element"
    r"|must be an integer or at least 1-dimensional"
)
_OBJECTS = re.compile(r"received input == `object`|Unsupport(?:ed)? paddle\.assign\(\[Variable")
"""What `paddle.assign`, which `to_tensor` calls, says of an array of NumPy's that holds tensors."""

_INSTEAD = {
    "truth": "an `if`, `and`, `or` or conditional expression in code that Paddle converts may ask a tensor, and Paddle's own functions take "
    "one: paddle.where(condition, a, b), paddle.maximum, paddle.any",
    "number": "keep it a tensor, and compute with Paddle's functions in place of Python's and NumPy's",
    "integer": "keep it a tensor: Paddle's functions take one for a size or an index; of a list of tensors, paddle.stack(list)[i]",
    "array": "keep it a tensor, and use Paddle's functions in place of NumPy's: numpy() gives no array in a conversion",
    "list": "keep it a tensor, and take its elements by index: t[0], t[1]; Paddle's functions take those for sizes",
    "length": "write paddle.shape(t)[0]: Paddle converts len(t) itself, in code that it rewrites",
    "key": "choose by the program: paddle.where(n == key, a, b), or paddle.stack(values)[index]",
    "text": "a text cannot hold what is known only when the program runs: print it in dygraph only (if paddle.in_dynamic_mode()), and choose by "
    "the program where it is a key: paddle.where(n == 16, a, b)",
    "repeat": "as a tensor it can be repeated: paddle.full([n], ...)",
}
"""What to write where a value is wanted."""


def wanted(kind: str, message: str) -> Want | None:
    """What an exception wanted of a tensor; None where it is raised over something else.

    Args:
        kind: Name of the exception's class.
        message: Its text.
    """
    if kind == "KeyError":
        return "key"
    return next((want for want, words in _WANTED if words.search(message)), None)


def of_an_array(message: str) -> bool:
    """Whether NumPy, which has taken a tensor for an array, may say this of it."""
    return _ARRAYS.search(message) is not None


def of_objects(message: str) -> bool:
    """Whether Paddle may say this of an array of NumPy's that holds tensors in place of numbers."""
    return _OBJECTS.search(message) is not None


def advice(want: Want) -> Said:
    """What to write where a value is wanted."""
    return said(_INSTEAD[want])
