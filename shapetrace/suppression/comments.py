"""Comments that silence findings on their line: `# shapetrace: ignore[ST503]`, or without codes for all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shapetrace.said import Sentence, said
from shapetrace.suppression.choice import begins
from shapetrace.trace import Finding, Site, Trace

_PARTS = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|(?P<comment>\#.*)""")
"""What may hold a `#` on a line: texts, and the comment at its end."""
_IGNORE = re.compile(r"#\s*shapetrace:\s*ignore\b(?:\s*\[(?P<codes>[^\]]*)\])?", re.IGNORECASE)


def ignored(trace: Trace, finding: Finding) -> bool:
    """Whether a comment on the line that a finding points at, or on the line that read the dim, silences its rule."""
    return any(_silences(named, finding.rule) for _, _, named in _found(trace, finding))


def unknown(trace: Trace) -> list[Sentence]:
    """A sentence for each such comment beside a finding that names no rule."""
    from shapetrace import rules  # imports them all

    registered = [rule.code for rule in rules.all_rules()] if trace.findings else []
    wrong = {
        said("{}: there is no rule {}, which a comment there ignores", f"{file}:{line}", code): None
        for finding in trace.findings
        for file, line, named in _found(trace, finding)
        for code in named or ()
        if not any(begins(rule, code) for rule in registered)
    }
    return list(wrong)


def _silences(named: tuple[str, ...] | None, rule: str) -> bool:
    return named is None or any(begins(rule, code) for code in named)


def _found(trace: Trace, finding: Finding) -> Iterator[tuple[str, int, tuple[str, ...] | None]]:
    """File, line and codes of each comment on the lines of a finding; None for one without codes."""
    for site in (finding.sink, finding.source):
        for line in _lines(site):
            assert site is not None
            text = trace.sources.get(site.file, {}).get(line, "")
            if "shapetrace" not in text:
                continue
            for comment in (match["comment"] or "" for match in _PARTS.finditer(text)):
                if said := _IGNORE.search(comment):
                    listed = said["codes"]
                    named = (
                        None if listed is None else tuple(code.strip() for code in listed.split(",") if code.strip())
                    )
                    yield site.file, line, named


def _lines(site: Site | None) -> range:
    return range(0) if site is None else range(site.line, max(site.line, site.end_line) + 1)
