"""A Paddle that the probes do not know: what does not fit is switched off with a sentence, and the export goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from subprocess_run import run_python
from versions import LEGACY

pytestmark = pytest.mark.paddle

HIDDEN = {
    "shape": ["shapes"],
    "builder": ["conversions"],
    "concrete program": ["conversions"],
    "error data": ["errors"],
    "call": ["calls"],
    "convert_call": ["calls"],
    "convert_range": ["calls"],
    "load": ["loads"],
    "specs": ["watch_specs"],
    "static function": ["watch_requests"],
    **(
        {
            "append_op": ["operations"],
            "layers": ["layers"],
            "tracebacks": ["stacks"],
            "variable": ["shapes", "tensors"],
        }
        if LEGACY
        else {"ops": ["operations"], "value": ["shapes", "tensors"]}
    ),
}
"""What cannot be watched without each of the targets."""
CHANGED = {
    "another descriptor": "shapes cannot be watched on this Paddle",
    "builder of any arguments": "conversions cannot be watched on this Paddle",
    "builder that takes more": "",
    "program by another name": "a conversion could not be recorded",
    "no word on density": "a failing conversion could not be recorded",
}
"""What is said of each target that is another one."""


@pytest.fixture(scope="module")
def exported() -> dict[str, Any]:
    """What became of each export, by case."""
    cases = [*HIDDEN, *CHANGED]
    done = run_python(["-W", "ignore", "-m", "capture.drifted", *cases], items=len(cases))
    results = {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert list(results) == cases, done.stderr[-2000:]
    return results


@pytest.mark.parametrize("case", [*HIDDEN, *CHANGED])
def test_the_export_goes_on_as_it_would(exported: dict[str, Any], case: str) -> None:
    healthy, broken = exported[case]["plain"]
    assert healthy["files"] and "shape[0] = -8" in broken["raised"]
    assert exported[case]["watched"] == [healthy, broken]


@pytest.mark.parametrize("case", HIDDEN)
def test_a_target_that_is_not_there_is_named_once(exported: dict[str, Any], case: str) -> None:
    said = [note.split(" cannot be watched on this Paddle: ")[0] for note in exported[case]["notes"]]
    assert said == HIDDEN[case]
    assert exported[case]["put back"]


@pytest.mark.parametrize("case", CHANGED)
def test_a_target_of_another_kind_is_said_or_fits(exported: dict[str, Any], case: str) -> None:
    notes = exported[case]["notes"]
    assert any(note.startswith(CHANGED[case]) for note in notes) if CHANGED[case] else notes == []


@pytest.mark.parametrize("case", [case for case, off in HIDDEN.items() if "shapes" not in off])
def test_what_can_be_watched_still_finds_the_leak(exported: dict[str, Any], case: str) -> None:
    assert "ST101" in exported[case]["rules"]
