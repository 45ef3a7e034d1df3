"""A leak is found whichever way the program was built: by a decorator, hapi, AMP, paddle2onnx, a thread, or by hand."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from subprocess_run import run_python, told

pytestmark = pytest.mark.paddle

FAILING = ["decorated", "hapi", "amp_o1", "amp_o2", "two_methods", "several", "by_hand"]
QUIET = ["sot", "training", "thread", "by_hand_silently"]


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """What a watch made of each way."""
    done = run_python(["-W", "ignore", "-m", "ways_in", *FAILING, *QUIET], items=len(FAILING) + len(QUIET))
    results = told(done)
    assert len(results) == len(FAILING) + len(QUIET), done.stderr[-2000:]
    return {result["name"]: result for result in results}


@pytest.mark.parametrize("way", FAILING)
def test_the_failure_is_explained(seen: dict[str, Any], way: str) -> None:
    result = seen[way]
    assert result["raised"] == "AssertionError with 1 note"
    assert result["findings"] == [["ST101", "x.reshape([x.shape[0] * 8, -1])", "8*x[0]"]]
    assert result["roots"] == ["x[0]"]
    assert result["failed"][-1]
    assert result["notes"] == []


def test_a_failure_in_a_thread_is_explained(seen: dict[str, Any]) -> None:
    assert seen["thread"]["raised"] == ""
    assert seen["thread"]["findings"] == [["ST101", "x.reshape([x.shape[0] * 8, -1])", "8*x[0]"]]


def test_each_of_several_conversions_is_told_apart(seen: dict[str, Any]) -> None:
    assert seen["two_methods"]["conversions"] == ["TwoMethods.forward", "TwoMethods.wrapped"]
    assert seen["several"]["conversions"] == ["Healthy.forward", "Leaky.forward"]
    assert seen["several"]["failed"] == [False, True]


def test_a_program_built_by_hand_counts_as_a_conversion(seen: dict[str, Any]) -> None:
    assert seen["by_hand"]["conversions"] == ["static program"]
    silent = seen["by_hand_silently"]
    assert (silent["raised"], silent["conversions"]) == ("", ["static program"])
    assert [rule for rule, *_ in silent["findings"]] == ["ST102"]


def test_sot_goes_on_as_without_and_the_watch_says_what_it_cannot_see(seen: dict[str, Any]) -> None:
    assert (seen["sot"]["raised"], seen["sot"]["findings"]) == ("", [])
    (note,) = seen["sot"]["notes"]
    assert note.startswith("SOT converted part of this from bytecode")


def test_a_conversion_to_train_is_watched(seen: dict[str, Any]) -> None:
    assert (seen["training"]["conversions"], seen["training"]["findings"]) == (["Healthy.forward"], [])


@pytest.mark.skipif(importlib.util.find_spec("paddle2onnx") is None, reason="paddle2onnx is not installed")
def test_an_export_to_onnx_is_explained() -> None:
    done = run_python(["-W", "ignore", "-m", "ways_in", "onnx"])
    (result,) = told(done)
    assert result["raised"] == "SystemExit with 1 note"  # paddle2onnx ends the process
    assert [rule for rule, *_ in result["findings"]] == ["ST101"]
