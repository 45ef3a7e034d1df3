"""A parameter that may be left out, has no spec, and is used as a tensor: its default None is what the conversion gets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shapetrace.rules import asked
from shapetrace.said import said
from shapetrace.trace import Conversion, Finding, Request, Site, Trace

_NONE = re.compile(r"NoneType|but got None")
"""What Python and Paddle say of a None."""


def left_out(trace: Trace) -> Iterator[Finding]:
    """A finding (ST906) for each conversion that ended where such a parameter is used."""
    for request in asked.requests(trace):
        raised = asked.failed(trace, request)
        if request.conversion < 0 or raised is None:
            continue
        lines = _lines(trace, trace.conversions[request.conversion])
        name = _parameter(request, lines, raised) if lines else None
        if name is None:
            continue
        specs = ", ".join("InputSpec(...)" for _ in (*_covered(request), name))
        yield asked.finding(
            trace,
            "ST906",
            "error",
            said("{} is None in {}, its default: there is no spec for it", name, request.function),
            request,
            lines[-1],
            asked.at(trace, request.defined),
            says=said("give one spec for it too: {}", f"input_spec=[{specs}]"),
        )


def _lines(trace: Trace, conversion: Conversion) -> list[Site]:
    """The lines that ran when it ended, from one of the converted function itself; empty where there is none of that."""
    stack = [trace.sites[index] for index in conversion.failure.stack] if conversion.failure is not None else []
    own = conversion.function.rpartition(".")[2]
    return stack if stack and stack[0].function == own else []


def _parameter(request: Request, lines: list[Site], raised: str) -> str | None:
    """The parameter with a default and without a spec that the last line uses, or asserts to be there, and all others hand on."""
    covered = _covered(request)
    names = (item.name for item in request.parameters if not item.required and item.name not in covered)
    asserts = lines[-1].code.startswith("assert ")
    if not asserts and _NONE.search(raised) is None:
        return None
    wanted = r" is not None\b" if asserts else ""
    return next((name for name in names if _named(name, lines[:-1]) and _named(name, lines[-1:], wanted)), None)


def _named(name: str, lines: list[Site], wanted: str = "") -> bool:
    """Whether each line has a variable of this name, with a text after it."""
    pattern = re.compile(rf"(?<![\w.]){re.escape(name)}\b{wanted}")
    return all(pattern.search(line.code) for line in lines)


def _covered(request: Request) -> list[str]:
    return list(dict.fromkeys(item.parameter for item in request.effective))
