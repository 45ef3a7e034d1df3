"""What Paddle and Python say of source that dy2static cannot read, take apart, or write again, and of ops built as before PIR.

Seen on 2.6.2 and 3.3.1. Paddle reads a function's source with `inspect.getsource`, parses it with `gast`, and writes what it makes of it to a
file of its own, with `nonlocal` for each name that a converted `if` or loop assigns (`paddle/jit/dy2static/ast_utils.py`, `base_transformer`).
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from shapetrace.said import Said, said

Kind = Literal["no source", "no Python function", "binding", "generated", "syntax", "super", "before PIR"]


class Unconvertible(NamedTuple):
    """Why source could not be converted."""

    kind: Kind
    name: str = ""
    """The variable, the type of the function, or the method that is missing."""
    function: str = ""
    """The function that was being written again, where the message names its file."""
    op: str = ""
    """The op that is built as before PIR, where the message names it."""


_SAID: tuple[tuple[Kind, str, re.Pattern[str]], ...] = (
    (
        "no source",
        "OSError",
        re.compile(r"could not get source code|source code not available|lineno is out of bounds"),
    ),
    (
        "no Python function",
        "TypeError",
        re.compile(r"The type of 'function' should be a function or method, but received (?P<name>\w+)"),
    ),
    (
        "binding",
        "SyntaxError",
        re.compile(
            r"(no binding for nonlocal '(?P<name>\w+)' found|name '(?P<other>\w+)' is .*(nonlocal|global))"
            r"(.*\((?P<function>\w+?)\w{8}\.py, line \d+\))?"
        ),
    ),
    ("generated", "SyntaxError", re.compile(r"\((?P<function>\w+?)\w{8}\.py, line \d+\)")),
    ("generated", "NameError", re.compile(r"name '(?P<name>__return_\w+|__\w+_\d+|_jst)' is not defined")),
    ("syntax", "AttributeError", re.compile(r"No defined handler for node of type ")),
    ("syntax", "ValueError", re.compile(r"Expected \"gast\.AST\", but got ")),
    ("super", "RuntimeError", re.compile(r"super\(\): (__class__ cell not found|no arguments)")),
    (
        "before PIR",
        "TypeError",
        re.compile(
            r"should be one of \[str, bytes, Variable\]\. but received : Value\(|in operator (?P<op>\w+) should be one of"
        ),
    ),
    (
        "before PIR",
        "AttributeError",
        re.compile(
            r"'paddle\.base\.libpaddle\.pir\.(?:Block|Program)' object has no attribute "
            r"'(?P<name>create_var|append_op|create_parameter|var|vars|has_var|_prepend_op|_insert_op|current_block|all_parameters)'"
        ),
    ),
)
_INSTEAD = {
    "no source": "write the function to a file, and import it from there: Paddle converts what `inspect.getsource` can read",
    "no Python function": "give the layer a `forward` written in Python that calls it",
    "binding": "keep it on the layer (self.count), or return it: a converted `if` or loop cannot assign it",
    "generated": "write this part in a simpler form, or take it out of the conversion with paddle.jit.not_to_static",
    "syntax": "write it without the syntax that this Paddle does not know, such as `:=` or `match`",
    "super": "write super(Class, self) with its arguments",
    "before PIR": "call Paddle's own function, or one of paddle._C_ops, in place of append_op; FLAGS_enable_pir_api=0 in the environment builds "
    "programs in the old way",
}
"""What to write."""


def why(kind: str, message: str) -> Unconvertible | None:
    """Why source could not be converted; None where an exception is about something else.

    Args:
        kind: Name of the exception's class.
        message: Its text.
    """
    for what, raised, words in _SAID:
        match = words.search(message) if raised == kind else None
        if match is not None:
            named = match.groupdict()
            name = named.get("name") or named.get("other") or ""
            return Unconvertible(what, name, named.get("function") or "", named.get("op") or "")
    return None


def advice(kind: Kind) -> Said:
    """What to write instead."""
    return said(_INSTEAD[kind])
