"""SARIF 2.1.0 (OASIS), which code-scanning services take and show beside the code.

Lines and columns count from 1 there, columns in Unicode code points, and the end column is one past the last.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from shapetrace import edits
from shapetrace.errors import UsageError
from shapetrace.reports import wording
from shapetrace.reports.json_report import encode
from shapetrace.reports.printable import path, relative, visible
from shapetrace.reports.translations import current, worded
from shapetrace.trace import Edit, Finding, Served, Severity, Site, Step, Trace, Verified

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_FINGERPRINT = "shapetraceFinding/v1"

Json = dict[str, Any]


def render(trace: Trace, *, root: str | None = None) -> str:
    """The findings of `trace` as a SARIF log of one run.

    Args:
        trace: The trace.
        root: Top of the repository, which paths below it are given relative to; the current directory when None.
    """
    top = root if root is not None else os.getcwd()
    findings = wording.ordered(trace.findings)
    codes = sorted({finding.rule for finding in findings})
    seen: Counter[str] = Counter()
    results = [_result(finding, codes, top, seen) for finding in findings]
    served = [(verified, engine) for verified in trace.verified for engine in verified.engines if engine.ok is False]
    engines = sorted({engine.name for _, engine in served})
    results += [_served(verified, engine, len(codes) + engines.index(engine.name), top) for verified, engine in served]
    run = {
        "tool": {
            "driver": {
                "name": "shapetrace",
                "version": trace.shapetrace,
                "rules": [*(_rule(code, findings) for code in codes), *map(_engine, engines)],
            }
        },
        "originalUriBaseIds": {_ROOT: {"uri": path(top).as_uri().rstrip("/") + "/"}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, findings: Iterable[Finding]) -> Json:
    """What is known of a rule: a trace may hold findings of a plugin's rule that is not installed here."""
    from shapetrace import rules
    from shapetrace.rules import address

    severity: Severity = next(finding.severity for finding in findings if finding.rule == code)
    try:
        rule = rules.get(code)
    except UsageError:
        return {"id": visible(code), "defaultConfiguration": {"level": severity}}
    url = address.of(rule, current().language)
    return {
        "id": code,
        **({"helpUri": url} if url else {}),
        "shortDescription": {"text": rules.title(rule, current().language)},
        "help": {"text": f"shapetrace rule {code}", "markdown": rules.page(rule, current().language)},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Finding, codes: list[str], root: str, seen: Counter[str]) -> Json:
    sentences = (current().say(finding.said), wording.why(finding), wording.remedies(finding))
    text = worded(". ").join(sentence.rstrip(".。") for sentence in sentences if sentence) + worded(".")
    result: Json = {
        "ruleId": visible(finding.rule),
        "ruleIndex": codes.index(finding.rule),
        "level": finding.severity,
        "message": {"text": visible(text)},
        "partialFingerprints": {_FINGERPRINT: _fingerprint(finding, root, seen)},
        "occurrenceCount": max(finding.count, 1),
    }
    if main := finding.sink or finding.source:
        result["locations"] = [_location(main, root)]
    related = [_location(site, root, label) | {"id": index} for index, (site, label) in enumerate(_related(finding), 1)]
    if related:
        result["relatedLocations"] = related
    steps = [
        {"location": _location(step.site, root, _stepped(finding, step))}
        for step in finding.chain
        if step.site is not None
    ]
    if steps:
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if fix := _fix(finding, root):
        result["fixes"] = [fix]
    return result


def _stepped(finding: Finding, step: Step) -> str:
    if not finding.leaked:
        return worded("{} is {}", step.expression, step.shown)
    return worded("{} is {}, meant as {}", step.expression, step.value, step.symbolic)


def _engine(name: str) -> Json:
    """An engine in which an export fails or differs, as a rule."""
    help_text = {"text": f"shapetrace verify --engine {visible(name)}"}
    return {"id": f"engine-{visible(name)}", "help": help_text, "defaultConfiguration": {"level": "error"}}


def _served(verified: Verified, engine: Served, rule: int, root: str) -> Json:
    """What an engine made of an export, as a result at the line of the op."""
    text = worded("{} in {} ({}): {}", verified.model, engine.name, engine.stage, engine.said)
    key = hashlib.sha256("\0".join([verified.model, engine.name, engine.stage, engine.op]).encode("utf-8", "replace"))
    result: Json = {
        "ruleId": f"engine-{visible(engine.name)}",
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": visible(text)},
        "partialFingerprints": {_FINGERPRINT: key.hexdigest()},
    }
    if engine.site is not None:
        result["locations"] = [_location(engine.site, root)]
    return result


def _related(finding: Finding) -> Iterator[tuple[Site, str]]:
    if finding.source is not None and finding.sink is not None:
        yield finding.source, wording.source_label(finding)
    if finding.cause is not None:
        places = (
            (finding.cause.wrapped, worded("wrapped here, so not rewritten")),
            (finding.cause.site, worded("called here, without being rewritten")),
            (finding.cause.defined, current().gettext("defined here")),
        )
        yield from ((site, label) for site, label in places if site is not None)


def _location(site: Site, root: str, label: str = "") -> Json:
    physical = {"artifactLocation": _artifact(site.file, root), "region": _region(site)}
    location: Json = {"physicalLocation": physical}
    if site.function:
        location["logicalLocations"] = [{"name": visible(site.function), "kind": "function"}]
    return location | ({"message": {"text": visible(label)}} if label else {})


def _artifact(file: str, root: str) -> Json:
    where = path(relative(file, root))
    if where.drive:
        return {"uri": where.as_uri()}
    quoted = quote(where.as_posix().encode("utf-8", "surrogatepass"))
    return {"uri": f"file://{quoted}"} if where.is_absolute() else {"uri": quoted, "uriBaseId": _ROOT}


def _region(site: Site) -> Json:
    region: Json = {"startLine": max(site.line, 1)}
    if site.end_column:
        region |= {
            "startColumn": site.column + 1,
            "endLine": max(site.end_line, site.line, 1),
            "endColumn": site.end_column + 1,
        }
    if site.code:
        region["snippet"] = {"text": visible(site.code, lines=True)}
    return region


def _fix(finding: Finding, root: str) -> Json | None:
    """The edits of a finding, a change for each file. Whether a machine may apply them stands in the properties."""
    fix = finding.fix
    if fix is None or not fix.edits:
        return None
    by_file: dict[str, list[Json]] = {}
    for edit in edits.merged(fix.edits):
        by_file.setdefault(edit.file, []).append(_replacement(edit))
    return {
        "description": {"text": visible(current().say(fix.said))},
        "artifactChanges": [
            {"artifactLocation": _artifact(file, root), "replacements": replacements}
            for file, replacements in by_file.items()
        ],
        "properties": {"applicability": fix.applicability},
    }


def _replacement(edit: Edit) -> Json:
    region = {
        "startLine": edit.line,
        "startColumn": edit.column + 1,
        "endLine": edit.end_line,
        "endColumn": edit.end_column + 1,
    }
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}


def _fingerprint(finding: Finding, root: str, seen: Counter[str]) -> str:
    """The same for the same code, wherever in its file it has moved to; a number tells equal ones apart."""
    parts = [finding.rule, finding.expression]
    for site in (finding.source, finding.sink):
        parts += [relative(site.file, root), site.function, " ".join(site.code.split())] if site else [""]
    text = "\x00".join(parts)
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"
