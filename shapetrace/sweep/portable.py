"""Paths and texts as they are the same in every checkout, folder and process."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from shapetrace.reports.printable import short, visible
from shapetrace.said import Said, Sentence
from shapetrace.sweep.records import Place
from shapetrace.trace import Site

_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
_TIME = re.compile(
    r"\[?(?:\d{4}[-/])?\d{1,2}[-/]\d{1,2}[ T,]+\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\]?\s*|\b(?=[DIWEF]\d{4} )\w\d{4} \d{2}:\d{2}:\d{2}\.\d+ +\d+ "
)
"""When a line of a log was written, and by which thread: `[11/27 16:05:34]`, `2026-11-27 16:05:34,012`, `W1127 16:05:34.360708 17152`."""
_PACKAGES = re.compile(r"(?:/[^\s:'\"]*)?/(?:site|dist)-packages/")
_LONGEST = 600


@dataclass(frozen=True)
class Portable:
    """Takes out of texts where a job ran.

    Args:
        root: Its directory.
        folder: Where it left its files.
    """

    root: Path
    folder: Path

    def text(self, text: str) -> str:
        """A text on one line, without the paths, addresses and times of one run."""
        text = _TIME.sub("", " ".join(text.split())).replace(str(self.folder), "{out}").replace(f"{self.root}/", "")
        return short(_ADDRESS.sub("0x…", _PACKAGES.sub("", text)), _LONGEST)

    def sentence(self, sentence: Sentence) -> Sentence:
        """A sentence whose values are so."""
        if isinstance(sentence, str):
            return self.text(sentence)
        values = (self.sentence(value) if isinstance(value, Said) else self.text(value) for value in sentence.values)
        return structs.replace(sentence, values=tuple(values))

    def place(self, site: Site | None) -> Place | None:
        """A line of source."""
        if site is None or not site.file:
            return None
        return Place(self.text(site.file), site.line, visible(" ".join(site.code.split())))
