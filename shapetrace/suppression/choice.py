"""Which rules and files findings are told of: the options `--select`, `--ignore` and `--exclude`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import NamedTuple

from shapetrace.errors import UsageError
from shapetrace.said import said
from shapetrace.trace import Finding


class Choice(NamedTuple):
    """Which findings are wanted.

    A rule is chosen by its code or by how it begins (`ST5`). Where both lists name it, the longer name counts.
    """

    select: tuple[str, ...] = ()
    """Empty for all rules."""
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    """Patterns of files and folders, relative to `root`; one without a slash is the name of either, at any depth."""
    root: str = ""

    def hides(self, finding: Finding) -> bool:
        """Whether a finding is not wanted."""
        selected = _longest(finding.rule, self.select) if self.select else 0
        if selected <= _longest(finding.rule, self.ignore):
            return True
        site = finding.sink or finding.source
        return site is not None and self._excludes(site.file)

    def _excludes(self, file: str) -> bool:
        path = PurePosixPath(file.replace("\\", "/"))
        root = PurePosixPath(self.root.replace("\\", "/"))
        inside = path.relative_to(root) if self.root and path.is_relative_to(root) else path
        above = [part.as_posix() for part in (inside, *inside.parents)]
        return any(
            fnmatchcase(part, pattern.rstrip("/"))
            for pattern in self.exclude
            for part in (inside.parts if "/" not in pattern.rstrip("/") else above)
        )


def begins(rule: str, code: str) -> bool:
    """Whether a rule is the one called `code`, or one of those whose codes begin with that."""
    return rule.upper().startswith(code.upper())


def codes(texts: Iterable[str], option: str) -> tuple[str, ...]:
    """The codes in texts such as `ST503,ST2`.

    Args:
        texts: The texts.
        option: What they were given to, for the sentence.

    Raises:
        UsageError: One is not the code of a rule, nor the beginning of any.
    """
    from shapetrace import rules  # imports them all

    named = tuple(code.strip().upper() for text in texts for code in text.split(",") if code.strip())
    registered = [rule.code for rule in rules.all_rules()] if named else []
    for code in named:
        if not any(begins(rule, code) for rule in registered):
            near = difflib.get_close_matches(code, registered, n=1)
            also = said("did you mean {}?", near[0]) if near else said("`shapetrace rule` lists them")
            raise UsageError(said("{}: there is no rule {}: {}", option, code, also))
    return named


def _longest(rule: str, named: Iterable[str]) -> int:
    """Letters of the longest name that a rule goes by; -1 where it goes by none."""
    return max((len(code) for code in named if begins(rule, code)), default=-1)
