"""Every fix of every small model is applied to a copy: what a machine may apply makes the export right, at several sizes.

The table in docs/reference/fixes.md is what was measured here; UPDATE_GOLDEN=1 writes it.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

import shapetrace
import versions
from fix.repaired_exports import machine_edits
from recorded_traces import Recordings, every
from shapetrace import Trace, edits
from shapetrace.trace import Applicability
from subprocess_run import ROOT, run_python, told
from versions import PADDLE

pytestmark = pytest.mark.paddle

LEAKS = ("ST101", "ST102", "ST103", "ST201", "ST202", "ST203", "ST301", "ST302")
TABLE = ROOT / "docs" / "reference" / "fixes.md"
KINDS: tuple[Applicability, ...] = ("machine", "maybe", "none")
BATCH = 12


@pytest.fixture(scope="module")
def traces(recorded: Recordings) -> dict[str, Trace]:
    """The traces of all broken twins that have findings."""
    names = [name for name in every() if name.endswith(":broken")]
    recorded.record(names)
    made = {name: recorded.trace(name) for name in names if not recorded.recording(name).died}
    return {name: trace for name, trace in made.items() if trace.findings}


@pytest.fixture(scope="module")
def outcomes(traces: dict[str, Trace], recorded: Recordings) -> dict[str, str]:
    """What became of each model that a machine may repair."""
    names = [name for name, trace in traces.items() if machine_edits(trace)]
    seen: dict[str, str] = {}
    for start in range(0, len(names), BATCH):
        seen |= _repaired(names[start : start + BATCH], recorded)
    wrong = [name for name in names if seen[name] != "equal"]
    return seen | _repaired(
        wrong, recorded
    )  # now and then Paddle's loops return what they should not: docs/reliability.md


def _repaired(names: list[str], recorded: Recordings) -> dict[str, str]:
    done = run_python(["-W", "ignore", "-m", "fix.repaired_exports", recorded.directory, *names], items=len(names) + 1)
    outcomes = {line["name"]: str(line.get("outcome") or f"died: {line['died']}") for line in told(done)}
    assert set(outcomes) == set(names), done.stderr[-3000:]
    return outcomes


def test_what_a_machine_may_apply_is_right(outcomes: dict[str, str]) -> None:
    wrong = {name: outcome for name, outcome in outcomes.items() if outcome != "equal"}
    assert {name: wrong[name] for name in wrong if not versions.unlike(f"{versions.FIXED}[{_model(name)}]")} == {}
    assert len(outcomes) > 40


def test_the_machine_edits_of_a_trace_fit_together(traces: dict[str, Trace]) -> None:
    for name, trace in traces.items():
        assert list(edits.overlapping(machine_edits(trace))) == [], name


def test_what_a_person_must_judge_parses(traces: dict[str, Trace]) -> None:
    for name, trace in traces.items():
        for finding in trace.findings:
            if finding.fix is not None and finding.fix.edits:
                for file in {edit.file for edit in finding.fix.edits}:
                    text = Path(file).read_text(encoding="utf-8")
                    changed = edits.applied(text, [edit for edit in finding.fix.edits if edit.file == file])
                    compile(changed, f"{name}: {file}", "exec")


def test_most_leaks_have_a_fix_for_a_machine(traces: dict[str, Trace]) -> None:
    counts = _counts(traces)
    total = sum(sum(counts[rule].values()) for rule in LEAKS)
    machine = sum(counts[rule]["machine"] for rule in LEAKS)
    assert machine >= 0.85 * total, f"{machine} of {total}"


def _model(name: str) -> str:
    """The model of a twin: `models.reported.paddle_1_x` of `models.reported.paddle_1_x:broken`."""
    return name.partition(":")[0]


@pytest.mark.skipif(not PADDLE.startswith("3.3."), reason="the table is of Paddle 3.3")
def test_the_table_is_what_was_measured(traces: dict[str, Trace]) -> None:
    counts = _counts(traces)
    rows = ["| rule | findings | machine | maybe | none |", "| --- | --- | --- | --- | --- |"]
    for rule in sorted(counts):
        rows.append(
            f"| {rule} | {sum(counts[rule].values())} | {' | '.join(str(counts[rule][kind]) for kind in KINDS)} |"
        )
    head, begin, rest = TABLE.read_text(encoding="utf-8").partition("<!-- measured -->\n")
    _, end, tail = rest.partition("<!-- end -->")
    text = f"{head}{begin}{chr(10).join(rows)}\n{end}{tail}"
    if os.environ.get("UPDATE_GOLDEN"):
        TABLE.write_text(text, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == text


def _counts(traces: dict[str, Trace]) -> dict[str, Counter[Applicability]]:
    counts: dict[str, Counter[Applicability]] = {}
    for trace in traces.values():
        for finding in trace.findings:
            if finding.severity != "note":
                worth: Applicability = finding.fix.applicability if finding.fix is not None else "none"
                counts.setdefault(finding.rule, Counter())[worth] += 1
    return counts


def test_a_trace_keeps_the_digests_of_what_its_fixes_change(traces: dict[str, Trace]) -> None:
    for trace in traces.values():
        assert {edit.file for edit in machine_edits(trace)} <= trace.digests.keys()
    assert shapetrace.Trace().digests == {}
