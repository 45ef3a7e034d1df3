"""What the reports say in other languages: two JSON files a language, English text to translated text.

One holds fixed texts, the other sentences with places to fill in, `{}`, as the messages of findings are made.

The English text is the key, as in gettext, so a report reads as English where it is written, and a text
without a translation is shown in English. `Catalog` is a `gettext` translations object, which is what
jinja2's i18n extension takes.
"""

from __future__ import annotations

import gettext
import locale
import os
import re
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

import msgspec

from shapetrace.errors import UsageError

LANGUAGES = ("en", "zh")
"""The languages the reports speak."""

_LONGEST = 500  # characters of a sentence that is taken apart: the time grows faster than the length
_PARTED = re.compile(r"(?:`[^`]*`|[^`])*?: ")


class _Sentence(NamedTuple):
    """A sentence with places to fill in, and its translation."""

    pattern: re.Pattern[str]
    form: str
    of_parts: bool
    """Whether it has a colon of its own."""
    code: tuple[bool, ...]
    """Of each place, whether the user's code stands there."""

    @classmethod
    def of(cls, template: str, form: str) -> _Sentence:
        """The sentence of a template."""
        code = tuple(before.endswith("`") for before in template.split("{}")[:-1])
        return cls(_pattern(template), form, ": " in template, code)


class Catalog(gettext.NullTranslations):
    """The texts of one language."""

    def __init__(self, language: str, texts: dict[str, str], sentences: dict[str, str] | None = None) -> None:
        super().__init__()
        self.language = language
        self.texts = texts
        # The most of literal text first: "{} got {} = {}, an unknown dim" before "{} is {}".
        longest = sorted((sentences or {}).items(), key=lambda item: -len(item[0].replace("{}", "")))
        self._sentences = [_Sentence.of(template, form) for template, form in longest]

    def gettext(self, message: str) -> str:
        """Return `message` in this language, or as it is where it has not been translated."""
        return self.texts.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form for `n` of them. A language without plurals keeps one under the plural's text."""
        return self.texts.get(msgid2) or self.gettext(msgid1 if n == 1 else msgid2)

    def sentence(self, text: str) -> str:
        """Return a sentence that was put together, such as a finding's message, as far as it has been translated.

        A sentence of two parts, `this: that`, is translated part by part, and what fills a place likewise.
        """
        if len(text) > _LONGEST or not self._sentences:
            return text
        for whole in (True, False):
            for known in self._sentences:
                if known.of_parts is whole and (found := known.pattern.fullmatch(text)):
                    pairs = zip(known.code, found.groups(), strict=True)
                    return known.form.format(*(filled if code else self.sentence(filled) for code, filled in pairs))
            colon = _colon(text) if whole else -1
            if colon >= 0:
                return f"{self.sentence(text[:colon])}:{self.sentence(text[colon + 2 :])}"
        return text


def catalog(lang: str | None = None) -> Catalog:
    """The catalog of a language.

    Args:
        lang: `en` or `zh`; None takes it from the locale.

    Returns:
        The catalog. English is an empty one.

    Raises:
        UsageError: There is no such language.
    """
    language = from_locale() if lang is None else lang
    if language not in LANGUAGES:
        raise UsageError(f"no reports in the language {language!r}: choose one of {', '.join(LANGUAGES)}")
    return _read(language)


def from_locale() -> str:
    """The language that the environment (or, on Windows, the system) asks for, else `en`."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    system = (locale.getlocale()[0] or "").lower()
    return "zh" if system.startswith(("zh", "chinese")) else "en"


@lru_cache
def _read(language: str) -> Catalog:
    if language == "en":
        return Catalog(language, {})
    files = resources.files(__package__)
    texts, sentences = (
        msgspec.json.decode(files.joinpath(name).read_bytes(), type=dict[str, str])
        for name in (f"{language}.json", f"{language}_sentences.json")
    )
    return Catalog(language, texts, sentences)


def _colon(text: str) -> int:
    """Where a sentence of two parts is parted: the first colon that is not within the user's code; -1 for none."""
    found = _PARTED.match(text)
    return found.end() - 2 if found else -1


def _pattern(template: str) -> re.Pattern[str]:
    """What matches a sentence, with a group for each `{}`."""
    return re.compile("(.+?)".join(map(re.escape, template.split("{}"))), re.DOTALL)
