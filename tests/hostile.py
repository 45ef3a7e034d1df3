"""Traces in which everything that a user or a model names is named to break a report."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Literal, TypeVar, get_args, get_origin

import msgspec

from example_traces import leaky_trace
from shapetrace import Trace

T = TypeVar("T")

NASTY = {
    "script": "</script><script>alert(1)</script>",
    "attribute": '" onfocus=alert(1) autofocus x=\'"><img src=x onerror=alert(1)>',
    "comment": "<!-- <script> --> ]]> <![CDATA[ <?php ?> &amp; &#0; &lt;",
    "template": "${alert(1)} {{ 7*7 }} {% raw %} %(x)s %s %d {0} {x} `${alert(1)}`",
    "quotes": "\"'`´\\\"\\'\\\\",
    "lines": "a\nb\r\nc\rd\u2028e\u2029f\x0bg\x0ch\x85i\tj",
    "direction": "\u202eabc\u202c \u2066x\u2069 \u200f\u061c مرحبا",
    "terminal": "\x1b[2J\x1b]0;title\x07\x1b]8;;http://x/\x07 \x9b31m\x08\x08\x7f",
    "nothing": "\x00\ufeff\ufffe\uffff\u200b",
    "surrogates": "\ud800 \udc00 \udfff\ud83d",
    "long": "x" * 10_000,
    "wide": "宽" * 300 + "\U0001f600" * 300 + "e\u0301" * 300,
    "dot": '"] [label=<<B>x</B>>, URL="http://x"]; } digraph { <TABLE> \\N \\G \\l',
    "markdown": "[a](http://x) ![b](http://x) ``` ~~~ # x\n\n# y | z *w* <details> @someone #1",
    "workflow": "::error file=x::y\n::set-output name=a::b\n%0A::stop-commands::z ,:%",
    "path": "../../../etc/passwd C:\\x\\y file:///x?y#z %2F",
    "javascript": "javascript:alert(1)//__proto__ constructor hasOwnProperty",
    "__proto__": "__proto__",
    "spaces": "   \u00a0 ",
}

_OURS = {"Symbol.key", "Conversion.expressions", "DimRecord.op", "Op.attrs"}
"""Fields that hold words of shapetrace's own and are declared as any text. Those declared as one of a few words are found by that."""


@cache
def _kept(kind: type[msgspec.Struct]) -> set[str]:
    """The fields of a record that nobody but shapetrace names."""
    declared = {field.name: field.type for field in msgspec.structs.fields(kind)}
    literal = {name for name, at in declared.items() if Literal in (get_origin(at), *map(get_origin, get_args(at)))}
    return literal | {name for name in declared if f"{kind.__name__}.{name}" in _OURS}


def spoiled(value: T, spoil: Callable[[str], str]) -> T:
    """A copy of a struct whose texts have gone through `spoil`, all but those that are empty or shapetrace's own."""
    if isinstance(value, str):
        return spoil(value) if value else value  # type: ignore[return-value]
    if isinstance(value, msgspec.Struct):
        kept = _kept(type(value))
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        return type(value)(**{name: at if name in kept else spoiled(at, spoil) for name, at in fields.items()})
    if isinstance(value, list | tuple):
        return type(value)(spoiled(item, spoil) for item in value)  # type: ignore[call-arg,return-value]
    if isinstance(value, dict):
        return {spoiled(name, spoil): spoiled(item, spoil) for name, item in value.items()}  # type: ignore[return-value]
    return value


def hostile_trace(text: str, before: bool = True) -> Trace:
    """The leaky trace with `text` put before, or after, everything that somebody named.

    Args:
        text: What to put there.
        before: Where.
    """
    trace = leaky_trace()
    trace.notes.append("a note")
    return spoiled(trace, (lambda old: text + old) if before else (lambda old: old + text))
