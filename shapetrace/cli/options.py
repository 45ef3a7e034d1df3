"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import click

from shapetrace import claims
from shapetrace.errors import UsageError
from shapetrace.reports import translations
from shapetrace.said import said

_COLORS = {"auto": None, "always": True, "never": False}

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

color: Decorator = click.option(
    "--color",
    type=click.Choice(list(_COLORS)),
    default="auto",
    callback=lambda _context, _option, value: _COLORS[value],
    help="Colours on the terminal; auto: where the output is a terminal (the default).",
)
all_findings: Decorator = click.option(
    "--all", "everything", is_flag=True, help="Show every finding in full, and notes too, instead of about one screen."
)


def _speak(language: str | None) -> str | None:
    """Have the command speak a language, its last word of a failure too, and hand its name on."""
    translations.speak(language)
    return None if language is None else translations.language(language)


def speak_of(arguments: Sequence[str]) -> None:
    """Have the language be spoken that stands behind `--lang`, if any."""
    for option, value in itertools.pairwise(arguments):
        if option == "--lang":
            _speak(value)


def _lang(*, exposed: bool) -> Decorator:
    return click.option(
        "--lang",
        metavar="LANG",
        is_eager=True,
        expose_value=exposed,
        callback=lambda _context, _option, value: _speak(value),
        help="Language of reports: en or zh. Without it, that of pyproject.toml or of the environment (LANG).",
    )


lang = _lang(exposed=True)
spoken = _lang(exposed=False)
"""The same before the name of a command, where nobody asks for its value."""
dims_claimed: Decorator = click.option(
    "--dim",
    "dims",
    metavar="INPUT=AXES",
    multiple=True,
    help="What you claim of the axes of an input, as in --dim image=B,3,H=32*k,W: names of unknown axes (equal names, "
    "equal sizes), sizes, ranges (B=1..8) and multiples.",
)


def dims(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The claims in `--dim image=B,3,H=32*k,W`, in the form that `shapetrace.claims` reads.

    Raises:
        UsageError: One cannot be read, or an input is given twice.
    """
    result: dict[str, tuple[str, ...]] = {}
    for text in given:
        name, equals, axes = text.partition("=")
        name = name.strip()
        if not equals or not name or not axes.strip():
            raise UsageError(said("cannot read --dim {}: write it as image=B,3,H,W", text))
        if name in result:
            raise UsageError(said("--dim names the input {} twice: give all its axes at once", name))
        try:
            result[name] = tuple(str(claims.read(axis)) for axis in axes.split(","))
        except UsageError as error:
            raise UsageError(said("cannot read --dim {}: {}", text, error)) from None
    claims.by_name(result)
    return result
