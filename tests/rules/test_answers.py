"""The remedies say themselves which findings they answer, and are named beside those. Paddle is not needed for it."""

from __future__ import annotations

import pytest

from example_traces import leaky_trace
from shapetrace import discovery, rules
from shapetrace.patching import Transaction
from shapetrace.remedies import Probe, Remedy
from shapetrace.rules import answers
from shapetrace.trace import Cause, Finding
from subprocess_run import run_python

PARTIAL = Finding("ST101", "error", "in a partial", cause=Cause("partial", "merge"))
GENERATOR = Finding("ST101", "error", "in a generator", cause=Cause("generator", "merge"))
BRANCH = Finding("ST201", "error", "a branch", cause=Cause("partial", "merge"))
MISFIT = Finding("ST701", "error", "no cause")


class ForPartials(Remedy):
    name = "for-partials"
    summary = "repairs partials"
    rules = frozenset({"ST101"})
    causes = frozenset({"partial"})

    def probe(self) -> Probe:
        return Probe("present")

    def apply(self, transaction: Transaction) -> None:
        raise NotImplementedError


class ForMerge(ForPartials):
    """Looks at the finding itself."""

    name = "for-merge"

    def answers(self, finding: Finding) -> bool:
        return finding.cause is not None and finding.cause.callable == "merge"


class Broken(ForPartials):
    name = "broken"

    def answers(self, finding: Finding) -> bool:
        raise KeyError(finding.message)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[Remedy]:
    """The remedies that are installed, the most specific first."""
    remedies: list[Remedy] = []
    monkeypatch.setattr(discovery, "all_remedies", lambda: remedies)
    return remedies


def test_rule_and_cause_decide_unless_the_remedy_does(installed: list[Remedy]) -> None:
    installed += [ForMerge(), ForPartials()]
    found = answers.named([PARTIAL, GENERATOR, BRANCH, MISFIT], [])
    assert [finding.remedies for finding in found] == [
        ("for-merge", "for-partials"),
        ("for-merge",),
        ("for-merge",),
        (),
    ]


def test_a_rule_may_name_remedies_itself(installed: list[Remedy]) -> None:
    installed.append(ForPartials())
    (finding,) = answers.named([Finding("ST101", "error", "x", cause=PARTIAL.cause, remedies=("another",))], [])
    assert finding.remedies == ("another",)


def test_a_remedy_that_cannot_answer_is_left_out_with_one_sentence(installed: list[Remedy]) -> None:
    installed += [Broken(), ForPartials()]
    notes: list[str] = []
    found = answers.named([PARTIAL, GENERATOR], notes)
    assert [finding.remedies for finding in found] == [("for-partials",), ()]
    assert [str(note) for note in notes] == [
        "the remedy broken was not named beside findings: KeyError: 'in a partial'"
    ]


def test_checking_a_trace_asks_the_remedies_that_are_installed() -> None:
    (finding,) = rules.check(leaky_trace())
    assert finding.remedies[0] == "callables"


def test_asking_needs_no_paddle() -> None:
    code = """
import sys
sys.modules["paddle"] = None  # importing it fails
from example_traces import leaky_trace
from shapetrace import rules
print([finding.remedies for finding in rules.check(leaky_trace())])
"""
    done = run_python(["-c", code])
    assert (done.stdout, done.stderr) == ("[('callables', 'symbolic-dims')]\n", "")
