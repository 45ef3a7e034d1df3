"""What a command line is refused with, in the language that is spoken: our sentences by their templates, click's by their form."""

from __future__ import annotations

import re

import click

from shapetrace.errors import ShapetraceError
from shapetrace.reports.translations import current
from shapetrace.said import Sentence, of_error, said

_FORMS = {
    r"(.+\.) (?:Did you mean|\(Did you mean one of:) (.+)\?\)?": "{} Did you mean {}?",
    r"No such option:? (.+?)\.?": "No such option {}.",
    r"Missing argument (.+?)\.": "Missing argument {}.",
    r"Missing option (.+?)\.": "Missing option {}.",
    r"Option (.+) requires an argument\.": "Option {} requires an argument.",
    r"Option (.+) does not take a value\.": "Option {} does not take a value.",
    r"Got unexpected extra arguments? \((.+)\)": "Got unexpected extra arguments ({})",
    r"Invalid value for (.+?): (.+)": "Invalid value for {}: {}",
    r"(.+) is not one of (.+)\.": "{} is not one of {}.",
    r"(.+) is not in the range (.+)\.": "{} is not in the range {}.",
    r"(.+) is not a valid (.+)\.": "{} is not a valid {}.",
    "integer(?: range)?": "integer",
    "float(?: range)?": "float",
}
"""The sentences of click that this command line can cause, and how each is said. Others stay as they are."""


def sentence(error: click.ClickException | ShapetraceError) -> str:
    """What to print of an error."""
    if isinstance(error, ShapetraceError):
        return current().say(of_error(error))
    message = error.format_message()
    return message if current().language == "en" else current().say(_of_click(message))


def _of_click(message: str) -> Sentence:
    for form in _FORMS:
        if found := re.fullmatch(form, message, re.DOTALL):
            return said(_FORMS[form], *map(_of_click, found.groups())) if found.groups() else said(_FORMS[form])
    return message
