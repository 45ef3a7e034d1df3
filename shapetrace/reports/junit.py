"""JUnit XML, for the build servers that show nothing else: a test case a finding."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from shapetrace.reports import text, wording
from shapetrace.reports.printable import relative, short, visible
from shapetrace.reports.translations import current
from shapetrace.trace import Finding, Trace

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(trace: Trace, *, root: str | None = None) -> str:
    """One suite of one test case a finding; errors and warnings fail, notes pass. A single pass when there are none.

    Args:
        trace: The trace.
        root: Directory the paths are shown relative to; the current one when None.
    """
    findings = wording.ordered(trace.findings)
    failures = sum(finding.severity != "note" for finding in findings)
    suite = ElementTree.Element(
        "testsuite", name="shapetrace", tests=str(max(len(findings), 1)), failures=str(failures), errors="0"
    )
    if not findings:
        ElementTree.SubElement(suite, "testcase", classname="shapetrace", name=_clean(wording.summary(trace)))
    for finding in findings:
        _case(suite, trace, finding, root)
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=False) + "\n"


def _case(suite: ElementTree.Element, trace: Trace, finding: Finding, root: str | None) -> None:
    site = finding.sink or finding.source
    place = f" ({relative(site.file, root)}:{site.line})" if site else ""
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"shapetrace.{_clean(finding.rule)}",
        name=_clean(short(current().say(finding.said)) + place),
    )
    if site is not None:
        case.set("file", _clean(relative(site.file, root)))
        case.set("line", str(site.line))
    if finding.severity == "note":
        return
    failure = ElementTree.SubElement(
        case, "failure", type=finding.severity, message=_clean(short(current().say(finding.said)))
    )
    failure.text = _clean(text.block(trace, finding, root=root))


def _clean(value: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", visible(value, lines=True))
