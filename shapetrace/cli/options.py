"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import click

from shapetrace.errors import UsageError

_COLORS = {"auto": None, "always": True, "never": False}

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

color: Decorator = click.option(
    "--color",
    type=click.Choice(list(_COLORS)),
    default="auto",
    callback=lambda _context, _option, value: _COLORS[value],
    help="Colours in the terminal (default: where the output is one).",
)
all_findings: Decorator = click.option(
    "--all", "everything", is_flag=True, help="Show every finding in full, notes included."
)
lang: Decorator = click.option("--lang", metavar="LANG", help="Language of an HTML report: en or zh.")


def dims(given: Sequence[str]) -> dict[str, tuple[str | int, ...]]:
    """The names in `--dim image=B,3,H,W`.

    Raises:
        UsageError: One cannot be read, or an input is given twice.
    """
    result: dict[str, tuple[str | int, ...]] = {}
    for text in given:
        name, equals, axes = text.partition("=")
        name = name.strip()
        if not equals or not name or not axes.strip():
            raise UsageError(f"cannot read --dim {text}: write it as image=B,3,H,W")
        if name in result:
            raise UsageError(f"--dim names the input {name} twice: give all its axes at once")
        result[name] = tuple(_axis(axis.strip(), text) for axis in axes.split(","))
    return result


def _axis(axis: str, text: str) -> str | int:
    if re.fullmatch(r"-1|\d+", axis, re.ASCII):
        return int(axis)
    if not axis.isidentifier():
        raise UsageError(f"cannot read --dim {text}: {axis!r} is neither a name nor a size")
    return axis
