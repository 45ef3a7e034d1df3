"""Names the functions of Paddle that end the process in a conversion, where the model calls one."""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType
from typing import Any

from shapetrace.capture.source import frames
from shapetrace.doctor.first_conversion import Conversion
from shapetrace.doctor.lines import Line
from shapetrace.facts import known_causes
from shapetrace.reports.printable import relative
from shapetrace.said import said

_SUBJECT = "Paddle itself"


def lines(conversion: Conversion) -> list[Line]:
    """A note for each place that calls such a function: whether its axis is unknown is not looked at.

    Args:
        conversion: What was to be converted.
    """
    import paddle

    causes = known_causes.of_calls(paddle.__version__)
    notes = []
    for code in dict.fromkeys(_codes(conversion)):
        for name in sorted(causes.keys() & set(code.co_names)):
            place = f"{relative(code.co_filename)}:{code.co_firstlineno}"
            cause = causes[name]
            text = said("{} ({}) calls {}: {}", code.co_name, place, name, known_causes.told(cause))
            notes.append(Line("note", _SUBJECT, text, known_causes.advice(cause), cause.threads))
    return notes


def _codes(conversion: Conversion) -> Iterator[CodeType]:
    """The code of the model's own methods, with what is defined in them."""
    layers = conversion.layer.sublayers(include_self=True) if conversion.layer is not None else []
    functions = [conversion.function, *(value for layer in layers for value in vars(type(layer)).values())]
    for function in functions:
        code: Any = getattr(getattr(function, "__func__", function), "__code__", None)
        if isinstance(code, CodeType) and frames.is_users(frames.kind(code.co_filename)):
            yield from _nested(code)


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)
