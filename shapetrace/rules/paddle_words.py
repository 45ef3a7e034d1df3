"""What Paddle says went wrong, cut to the one sentence that says it."""

from __future__ import annotations

import re

_MOST_WORDS = 200
_REWRITTEN = "In transformed code:"
"""Begins what Paddle puts before the message of an exception that it raises anew: lines of the user's, which a finding has anyway."""
_RAISED = re.compile(r"^\s*(?:\w+\.)*\w*(?:Error|Exception|Interrupt|Warning): (?=\S)", re.MULTILINE)
_ENFORCED = re.compile(
    r"\((?:InvalidArgument|NotFound|OutOfRange|AlreadyExists|ResourceExhausted|PreconditionNotMet|PermissionDenied"
    r"|ExecutionTimeout|Unimplemented|Unavailable|Fatal|External)\)\s"
)
"""The kind of an error that C++ raised; its stack stands before that."""


def sentence(message: str) -> str:
    """The sentence without Paddle's stack, code, hints and quoted lines."""
    text = message
    if _REWRITTEN in text and (raised := list(_RAISED.finditer(text))):
        text = text[raised[-1].end() :]
    if enforced := _ENFORCED.search(text):
        text = text[enforced.end() :]
    text = " ".join(re.split(r"\[Hint:|\(at |Suggestions?:", text, maxsplit=1)[0].split()).rstrip(".")
    return text if len(text) <= _MOST_WORDS else text[:_MOST_WORDS].rpartition(" ")[0] + " ..."
