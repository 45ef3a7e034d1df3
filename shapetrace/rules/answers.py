"""Names beside each finding the remedies that answer it: those that say so themselves, a plugin's as well as ours."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from shapetrace import discovery
from shapetrace.errors import in_words
from shapetrace.said import Sentence, said
from shapetrace.trace import Finding


def named(findings: Sequence[Finding], notes: list[Sentence], tried: Collection[str] = ()) -> list[Finding]:
    """The findings with the names of the installed remedies that answer them, the most specific first.

    Args:
        findings: Those that have such names already keep them.
        notes: Gets a sentence for each remedy that cannot be asked.
        tried: Remedies that were asked for already; they are not named.
    """
    names: list[tuple[str, ...]] = [() for _ in findings]
    for remedy in discovery.all_remedies():
        if remedy.name in tried:
            continue
        try:
            answered = [bool(remedy.answers(finding)) for finding in findings]
        except Exception as error:
            notes.append(said("the remedy {} was not named beside findings: {}", remedy.name, in_words(error)))
            continue
        names = [(*listed, remedy.name) if yes else listed for listed, yes in zip(names, answered, strict=True)]
    own = [tuple(name for name in finding.remedies if name not in tried) for finding in findings]
    return [
        msgspec.structs.replace(finding, remedies=before or after)
        for finding, before, after in zip(findings, own, names, strict=True)
    ]
