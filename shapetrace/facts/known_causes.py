"""What Paddle itself does wrong in conversions: ops that end the process, and messages that name the wrong thing.

A reviewed table. Each entry was seen on the versions it is measured on; what it says is read by ST809 and by `shapetrace doctor`, and
docs/reference/known-causes.md has a row for it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from shapetrace.said import Said, said

_PADDLE = "https://github.com/PaddlePaddle/Paddle"


class Known(NamedTuple):
    """Something known of Paddle."""

    name: str
    """Under which `_SAYS` and `_DO` have what to say of it."""
    versions: tuple[str, ...]
    """Beginnings of the versions that do it: `3.`, `2.6.`."""
    measured: tuple[str, ...]
    threads: tuple[str, ...] = ()
    raises: str = ""
    """A pattern of the name of the exception's class."""
    message: str = ""
    """A pattern of its text."""
    api: str = ""
    """A pattern of the function that raised it, where that is known."""
    calls: tuple[str, ...] = ()
    """Functions of Paddle's that end the process, so that no exception tells of it."""
    only_converted: bool = False
    """Whether it is meant only where the model itself runs."""


_SAYS = {
    "unbind": "Paddle aborts the process (SIGABRT) where the axis that is taken apart is unknown",
    "parameter made in forward": "paddle.static.nn makes its weights while the model is converted, and jit.save finds no values for them",
    "input cut off": "Paddle names the op of an input (pd_op.data) in place of the input: no output depends on its values",
    "bitwise dtypes": "Paddle 2.6 asserts that both operands of a bitwise operator have one dtype, and does not say so",
    "forward in a partial": "Paddle asks the forward of a layer for its name and its source, and a functools.partial has neither",
    "dygraph only": "Paddle has this function in dygraph only",
    "variable lost": "what Paddle makes of the source loses a variable, which the model itself has, as with a `return` in a loop under `with`",
}
_DO = {
    "unbind": "take the elements in a `for` statement over range(x.shape[0]), or give the size of that axis in the spec",
    "parameter made in forward": "make a layer in __init__ (paddle.nn.Linear for static.nn.fc), and call it in forward",
    "input cut off": "use it, return what is computed (a generator is never run), or leave it out of input_spec",
    "bitwise dtypes": "cast one of them: mask.astype('int64')",
    "forward in a partial": "write a forward in the class, and keep what the partial holds as defaults of it or as attributes of the layer",
    "dygraph only": "write reshape for view and view_as, slices or paddle.gather for as_strided and unfold, and paddle.zeros_like, full_like and uniform for "
    "zero_, fill_, uniform_ and their like",
    "variable lost": "give it a value before the `if`, the loop or the `with`, and return after them, not within",
}

KNOWN = (
    Known(
        "unbind",
        ("3.",),
        ("3.0.0", "3.3.1"),
        (f"{_PADDLE}/issues/57771",),
        calls=("unbind", "unstack"),
    ),
    Known(
        "parameter made in forward",
        ("3.",),
        ("3.3.1",),
        raises="AttributeError",
        message=r"'NoneType' object has no attribute 'get_tensor'",
    ),
    Known(
        "input cut off",
        ("2.6.", "3."),
        ("2.6.2", "3.3.1"),
        (f"{_PADDLE}/pull/44413", f"{_PADDLE}/issues/17988"),
        raises="ValueError",
        message=r"is not involved in the target_vars calculation|doesn't exist in pruned inference program",
    ),
    Known(
        "bitwise dtypes",
        ("2.6.",),
        ("2.6.2",),
        raises="AssertionError",
        message=r"^\s*$",
        api=r"bitwise_(and|or|xor)|[&|^]",
    ),
    Known(
        "forward in a partial",
        ("2.6.", "3."),
        ("2.6.2", "3.3.1"),
        raises="AttributeError",
        message=r"'functools\.partial' object has no attribute '__\w+__'",
    ),
    Known(
        "dygraph only",
        ("2.6.", "3."),
        ("2.6.2", "3.3.1"),
        raises="AssertionError|AttributeError",
        message=r"We only support '\w+\(\)' in dynamic graph mode|(?:Value|Variable)' object has no attribute '[a-z]\w*[a-z]_'",
    ),
    Known(
        "variable lost",
        ("2.6.", "3."),
        ("2.6.2", "3.3.1"),
        raises=r"UnboundLocalError|AttributeError|TypeError",
        message=r"cannot access local variable|referenced before assignment|'UndefinedVar'",
        only_converted=True,
    ),
)


def of_failure(paddle: str, kind: str, message: str, api: str, *, runs: bool) -> Known | None:
    """What is known of an exception.

    Args:
        paddle: The version of Paddle.
        kind: Name of the exception's class.
        message: Its text.
        api: The function that raised it; empty where that is not known.
        runs: Whether the model itself is known to run.
    """
    for cause in KNOWN:
        if (
            re.fullmatch(cause.raises, kind)
            and paddle.startswith(cause.versions)
            and re.search(cause.message, message)
            and re.search(cause.api, api)
            and (runs or not cause.only_converted)
        ):
            return cause
    return None


def of_calls(paddle: str) -> dict[str, Known]:
    """The functions of a version of Paddle that end the process, by name."""
    return {name: cause for cause in KNOWN if paddle.startswith(cause.versions) for name in cause.calls}


def told(cause: Known) -> Said:
    """What it is, in a sentence."""
    return said(_SAYS[cause.name])


def advice(cause: Known) -> Said:
    """What to write."""
    return said(_DO[cause.name])
