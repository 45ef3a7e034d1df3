"""What a check has to say: one line with a level, what was seen, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shapetrace.errors import in_words
from shapetrace.said import Sentence, said

Level = Literal["ok", "note", "warning", "error"]
"""`error`: the export fails or is wrong. `warning`: likely. `note`: worth knowing."""


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    level: Level
    subject: str
    """What was looked at, in a word or two."""
    seen: Sentence
    do: Sentence = ""
    """What to do about it; empty where there is nothing to do."""
    threads: tuple[str, ...] = ()
    """Where people reported it: addresses."""


def checked(subject: str, check: Callable[..., Sequence[Line]], *arguments: Any) -> list[Line]:
    """The lines of a check; one that says so where the check itself fails.

    Args:
        subject: What it looks at.
        check: The check.
        arguments: What it is called with.
    """
    try:
        return list(check(*arguments))
    except (Exception, SystemExit) as error:  # some packages leave where they miss something
        return [Line("warning", subject, said("could not be checked: {}", in_words(error)))]
