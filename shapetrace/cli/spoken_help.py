"""Help texts in the language that is spoken: `LANG=zh_CN shapetrace run --help`."""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

from shapetrace.reports import translations

_NOTE = re.compile(r"(?P<text>.*?)(?P<note>  \[[^]]*\])?", re.DOTALL)
"""A text and what click adds to it: `  [required]`."""
_VERBATIM = "\b\n"
"""What click takes for the mark of a paragraph that is not to be wrapped."""


class _Formatter(click.HelpFormatter):
    """Writes help as click does, in English; in another language with its texts and its width of characters."""

    def __init__(self, *args: int | None, **kwargs: int | None) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what click itself hands over
        self._texts = translations.help_texts(translations.current().language)

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or self._texts.get("Usage: "))

    def write_heading(self, heading: str) -> None:
        if heading in self._texts:
            self.write(f"{'':>{self.current_indent}}{self._texts[heading]}：\n")
        else:
            super().write_heading(heading)

    def write_text(self, text: str) -> None:
        if not self._texts:
            super().write_text(text)
            return
        for number, paragraph in enumerate(text.split("\n\n")):
            if number:
                self.write("\n")
            if paragraph.startswith(_VERBATIM):
                first, *lines = paragraph.removeprefix(_VERBATIM).splitlines()
                lines = [self._texts.get(first, first), *lines]
            else:
                lines = self._wrapped(self._spoken(paragraph), self.width - self.current_indent)
            self.write("".join(f"{'':>{self.current_indent}}{line}\n" for line in lines))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        if not self._texts:
            super().write_dl(rows, col_max, col_spacing)
            return
        rows = list(rows)
        column = min(max(len(first) for first, _ in rows), col_max) + col_spacing
        indent = " " * (column + self.current_indent)
        for first, second in rows:
            own_line = len(first) > column - col_spacing
            self.write(
                f"{'':>{self.current_indent}}{first}" + ("\n" + indent if own_line else " " * (column - len(first)))
            )
            lines = self._wrapped(self._spoken(second), max(self.width - column - 2, 10))
            self.write(f"\n{indent}".join(lines) + "\n")

    def _spoken(self, text: str) -> str:
        found = _NOTE.fullmatch(" ".join(text.split(" ")))
        assert found is not None  # it matches everything
        words = " ".join(found["text"].split())
        return self._texts.get(words, words) + (found["note"] or "")

    @staticmethod
    def _wrapped(text: str, width: int) -> list[str]:
        """Lines of so many cells: a Han character is two, and stands without spaces."""
        from rich.text import Text

        from shapetrace.reports.excerpt import wrapped

        return [line.plain.rstrip() for line in wrapped(Text(text), width)]


class SpokenContext(click.Context):
    """Has a command's help be written in the language that is spoken."""

    formatter_class = _Formatter
