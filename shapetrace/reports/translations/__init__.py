"""What the reports say in other languages: two JSON files a language, English text to translated text.

One holds the fixed texts of the page, the other the templates that the sentences of findings are made of (`shapetrace.said`).

The English text is the key, as in gettext, so a report reads as English where it is written, and a text
without a translation is shown in English. `Catalog` is a `gettext` translations object, which is what
jinja2's i18n extension takes.
"""

from __future__ import annotations

import gettext
import locale
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib import resources

import msgspec

from shapetrace.errors import UsageError
from shapetrace.said import said
from shapetrace.trace import Said, Sentence

LANGUAGES = ("en", "zh")
"""The languages the reports speak."""


class Catalog(gettext.NullTranslations):
    """The texts of one language."""

    def __init__(self, language: str, texts: dict[str, str], sentences: dict[str, str] | None = None) -> None:
        super().__init__()
        self.language = language
        self.texts = texts
        self.sentences = sentences or {}

    def gettext(self, message: str) -> str:
        """Return `message` in this language, or as it is where it has not been translated."""
        return self.texts.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form for `n` of them. A language without plurals keeps one under the plural's text."""
        return self.texts.get(msgid2) or self.gettext(msgid1 if n == 1 else msgid2)

    def say(self, sentence: Sentence) -> str:
        """Return a sentence of a finding, such as its message, in this language; a part without a translation is in English."""
        if isinstance(sentence, str):
            return self.sentences.get(sentence, sentence)
        values = [self.say(value) if isinstance(value, Said) else value for value in sentence.values]
        form = self.sentences.get(sentence.template)
        if form is None or len(values) != sentence.template.count("{}"):
            return str(Said(sentence.template, tuple(values)))
        return form.format(*values)


def catalog(lang: str | None = None) -> Catalog:
    """The catalog of a language.

    Args:
        lang: `en` or `zh`; None takes that of `speaking`, else that of the locale.

    Returns:
        The catalog. English is an empty one.

    Raises:
        UsageError: There is no such language.
    """
    return _read((_speaking.get() or from_locale()) if lang is None else language(lang))


_speaking: ContextVar[str | None] = ContextVar("shapetrace_language", default=None)


@contextmanager
def speaking(lang: str | None) -> Iterator[None]:
    """Have what is worded in here be in a language; None leaves it as it is.

    Raises:
        UsageError: There is no such language.
    """
    token = _speaking.set(_speaking.get() if lang is None else language(lang))
    try:
        yield
    finally:
        _speaking.reset(token)


def speak(lang: str | None) -> None:
    """Have what is worded from now on be in a language, to the end of the `speaking` around; None leaves it as it is.

    Raises:
        UsageError: There is no such language.
    """
    if lang is not None:
        _speaking.set(language(lang))


def current() -> Catalog:
    """The catalog of the language that is spoken: that of `speaking`, else that of the environment."""
    return catalog(_speaking.get())


def worded(template: str, *values: object) -> str:
    """A sentence in the language that is spoken: `worded("{} of {}", 1, 3)`. A value that is `Said` is worded too.

    The template is written where this is called, so that a test sees that it has been translated.
    """
    return current().say(said(template, *values))


def language(name: str) -> str:
    """The language that a name such as `zh`, `zh_CN` or `en-GB` stands for.

    Raises:
        UsageError: There is no such language.
    """
    known = name.lower().replace("_", "-").partition(".")[0].partition("-")[0]
    if known not in LANGUAGES:
        raise UsageError(said("no reports in the language {}: choose one of {}", repr(name), ", ".join(LANGUAGES)))
    return known


def from_locale() -> str:
    """The language that the environment (or, on Windows, the system) asks for, else `en`."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    system = (locale.getlocale()[0] or "").lower()
    return "zh" if system.startswith(("zh", "chinese")) else "en"


@lru_cache
def help_texts(language: str) -> dict[str, str]:
    """What the help of the command line says, by its English text with single spaces; nothing for English itself."""
    if language == "en":
        return {}
    return msgspec.json.decode(
        resources.files(__package__).joinpath(f"{language}_help.json").read_bytes(), type=dict[str, str]
    )


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
