"""Small sources for tests of fixes: the place that a fix is about stands between `«` and `»`, and one of several with its name, `«read:x.shape»`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from shapetrace import edits
from shapetrace.rules.fixes.source import Source
from shapetrace.trace import Edit, Site

FILE = "/home/ann/net.py"


class Snippet:
    """A source with one place marked.

    Attributes:
        text: The source, without the marks.
        site: The marked place.
        source: The source as fixes look at it.
    """

    def __init__(self, marked: str, file: Path | str = FILE) -> None:
        before, rest = marked.split("«")
        inside, behind = rest.split("»")
        self.text = before + inside + behind
        begin, end = _place(before), _place(before + inside)
        self.site = Site(str(file), *begin, *end, inside, "forward")
        self.source = Source(str(file), self.text)

    @property
    def node(self) -> ast.expr:
        """The marked expression."""
        node = self.source.node(self.site, ast.expr)
        assert isinstance(node, ast.expr)
        return node

    def after(self, changes: tuple[Edit, ...]) -> str:
        """The source with edits applied."""
        assert {edit.file for edit in changes} <= {self.source.file}
        return edits.applied(self.text, changes)


class Marked:
    """A source with several places marked, each by its name.

    Attributes:
        text: The source, without the marks.
        sites: The marked places.
        source: The source as fixes look at it.
    """

    def __init__(self, marked: str, file: Path | str = FILE) -> None:
        self.text, self.sites = "", dict[str, Site]()
        open_marks: list[tuple[str, int]] = []
        for part in re.split(r"(«\w+:|»)", marked):
            if part.startswith("«"):
                open_marks.append((part[1:-1], len(self.text)))
            elif part == "»":
                name, begin = open_marks.pop()
                inside = self.text[begin:]
                self.sites[name] = Site(str(file), *_place(self.text[:begin]), *_place(self.text), inside, "forward")
            else:
                self.text += part
        self.source = Source(str(file), self.text)

    def after(self, changes: tuple[Edit, ...]) -> str:
        """The source with edits applied, which is one still."""
        assert {edit.file for edit in changes} <= {self.source.file}
        changed = edits.applied(self.text, changes)
        ast.parse(changed)
        return changed


def _place(text: str) -> tuple[int, int]:
    return text.count("\n") + 1, len(text.rpartition("\n")[2])
