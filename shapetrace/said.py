"""Sentences that are worded when they are printed: a template and its values, so that each language has a form of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from shapetrace.errors import ShapetraceError


class Said(Struct, frozen=True, array_like=True):
    """A template and what stands at its places, `{}`, in order. As text, it is English.

    A value that is text is the user's code, a name or a number, the same in every language; one that is `Said` is a part of
    the sentence.
    """

    template: str
    values: tuple[str | Said, ...] = ()

    def __str__(self) -> str:
        parts = self.template.split("{}") if self.values else [self.template]
        if len(parts) != len(self.values) + 1:  # of a foreign trace: its places and values do not go together
            return self.template
        return parts[0] + "".join(f"{value}{part}" for value, part in zip(self.values, parts[1:], strict=True))


Sentence = Said | str
"""A sentence; text is one that nobody has a template for, such as a plugin's."""


def said(template: str, *values: object) -> Said:
    """A sentence: `said("{} got {} = {}", "reshape", "shape[0]", -8)`.

    The template is written where this is called, or in a table of its module: a test sees that it has been translated.
    """
    return Said(template, tuple(map(_value, values)))


def of_error(error: ShapetraceError) -> Sentence:
    """What an exception of ours says: a template with its values, or the text that it was given."""
    sentence = error.args[0] if error.args else ""
    return sentence if isinstance(sentence, Said) else str(error)


def _value(value: object) -> str | Said:
    if isinstance(value, ShapetraceError):
        value = of_error(value)
    return value if isinstance(value, Said) else str(value)


def listed(names: Iterable[str]) -> Sentence:
    """Names one after the other; `none` where there are none."""
    return ", ".join(names) or said("none")


def joined(template: str, parts: Sequence[Sentence]) -> Sentence:
    """Several parts, each two of them by a template: `a and b and c`. There is one at least."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2  # two halves, so that a long list is not a deep sentence
    return said(template, joined(template, parts[:middle]), joined(template, parts[middle:]))
