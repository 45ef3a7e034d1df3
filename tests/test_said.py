"""Sentences that keep their values: as they are saved, reported and refused. Their wording: `tests/reports/test_translations.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

import shapetrace
from shapetrace import Trace, plugin
from shapetrace.errors import TraceFileError
from shapetrace.reports import json_report
from shapetrace.said import said
from shapetrace.trace import Applied, Finding, Fix, Repaired, Said, Sentence
from shapetrace.trace.redaction import redacted

GOT = said("{} got {} = {}, an unknown dim", "zeros", "shape[0]", -1)
LOST = said("{} loses {}: {}", "matmul", "x[0]", said("only {} fits", 1))


def test_a_sentence_is_kept_with_its_values(tmp_path: Path) -> None:
    trace = Trace(findings=[Finding("ST504", "error", LOST, remarks=(GOT, "plain"), fix=Fix(GOT))])
    trace.save(tmp_path / "trace")

    (finding,) = shapetrace.load(tmp_path / "trace").findings

    assert finding.said == LOST
    assert finding.message == "matmul loses x[0]: only 1 fits"
    assert repr(finding) == "<Finding ST504 error: matmul loses x[0]: only 1 fits>"
    assert finding.remarks == (GOT, "plain")
    assert finding.fix is not None and finding.fix.said == GOT


def test_the_json_report_has_texts() -> None:
    document = json_report.finding(Finding("ST504", "error", LOST, remarks=(GOT, "plain"), fix=Fix(GOT)))

    assert list(document)[:3] == ["rule", "severity", "message"]
    assert document["message"] == "matmul loses x[0]: only 1 fits"
    assert document["notes"] == [str(GOT), "plain"]
    assert document["fix"]["says"] == str(GOT)


def test_the_json_report_has_the_text_of_what_was_repaired() -> None:
    trace = Trace(remedies=[Applied("callables", repaired=(Repaired("ST504", LOST),))], fixed=(Fix(GOT),))
    document = json_report.document(trace)
    assert document["remedies"][0]["repaired"] == [{"rule": "ST504", "message": str(LOST), "site": None}]
    assert document["fixed"][0]["says"] == str(GOT)


def test_a_plugin_says_plain_text() -> None:
    finding = plugin.Finding("ACME101", "warning", "a norm of {} got -1")
    assert finding.message == "a norm of {} got -1"


def test_paths_among_the_values_are_shortened() -> None:
    inner = said("{} is {}", "/home/ann/site-packages/acme/norms.py:3", "[x[0]]")
    copy = redacted(Trace(findings=[Finding("ST701", "error", said("{}: {}", inner, inner))]))
    assert (
        copy.findings[0].message == "site-packages/acme/norms.py:3 is [x[0]]: site-packages/acme/norms.py:3 is [x[0]]"
    )


DEEP: Sentence = "x"
for _ in range(60):
    DEEP = Said("{}", (DEEP,))


@pytest.mark.parametrize(
    "trace",
    [
        Trace(findings=[Finding("ST101", "error", DEEP)]),
        Trace(findings=[Finding("ST101", "error", "", remarks=(DEEP,))]),
        Trace(findings=[Finding("ST101", "error", "", fix=Fix(DEEP))]),
        Trace(fixed=(Fix(DEEP),)),
        Trace(remedies=[Applied("callables", repaired=(Repaired("ST101", DEEP),))]),
    ],
    ids=["finding", "note", "fix", "fixed", "repaired"],
)
def test_a_sentence_too_deep_to_word_is_refused(trace: Trace, tmp_path: Path) -> None:
    trace.save(tmp_path / "trace")
    with pytest.raises(TraceFileError, match="is damaged: a sentence has parts within parts, 50 deep"):
        shapetrace.load(tmp_path / "trace")


def test_values_that_do_not_fit_the_places_are_left_out() -> None:
    assert str(Said("{} is {}", ("n",))) == "{} is {}"
    assert str(Said("{} is", ("n", "m"))) == "{} is"
