"""A function of Paddle that takes an unknown dim for a number is named at the user's line, with what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rules.leak import Leak
from shapetrace.rules import paddle_apis
from shapetrace.trace import DimRef, FailedCall, Finding, Skip
from subprocess_run import run_python, told
from versions import LEGACY, PADDLE

SINCE_3_1 = {
    "fold": ("ST101", "fold itself reads "),
    "cosine_similarity": (
        "ST301",
        "cosine_similarity itself reads x[1] as a number: multiplication by -1.0, meant as x[1] / 1",
    ),
    "cosine_along_the_batch": ("ST301", "cosine_similarity itself reads x[0] as a number: multiplication by -1.0"),
}
SAID = {
    "kl_div": ("ST103", "kl_div itself reads x[0] as a number: division by -1"),
    "of_a_layer": ("ST103", "KLDivLoss itself reads x[0] as a number: division by -1"),
    "hsplit": ("ST102", "hsplit itself reads x[1] as a number: split got sections = 0"),
    "tensor_split": ("ST102", "tensor_split itself reads x[1] as a number: it decides by -1, meant as x[1]"),
    "center_crop": ("ST102", "center_crop itself reads x[0] as a number: it computes with -2"),
    "unflatten": ("ST101", "unflatten itself reads x[1] as a number: reshape got shape[2] = -1"),
    "inner": ("ST101", "inner itself reads x[1] as a number: reshape got shape[1] = -1"),
    "tensordot": ("ST101", "tensordot itself reads x[0] as a number: "),
    "take": ("ST103", "take itself reads x[0], x[1] as a number: the remainder by -1"),
    "trapezoid": ("ST102", "trapezoid itself reads x[1] as a number: arange got end = -2"),
    "cumulative_trapezoid": ("ST102", "cumulative_trapezoid itself reads x[1] as a number: arange got end = -2"),
    "cov": ("ST103", "cov itself reads x[1] as a number: to_tensor got data = -1"),
    "corrcoef": ("ST103", "corrcoef itself reads x[1] as a number: to_tensor got data = -1"),
    "isin": ("ST101", "isin itself reads x[0] as a number: "),
    **({} if PADDLE.startswith("3.0") else SINCE_3_1),
    "pca_lowrank": ("ST101", "pca_lowrank itself reads x[1], x[0] as a number: it refuses -1"),
    "nll_loss": ("ST101", "nll_loss itself reads x[1] as a number: it refuses -1, meant as x[1]"),
    "block_diag": ("ST101", "block_diag itself reads x[0] as a number: zeros got shape[0] = -1"),
    "sampled": ("ST101", "Normal.sample itself reads x[1] as a number: full got shape[1] = -1"),
}


@pytest.fixture(scope="module")
def exports() -> dict[str, Any]:
    done = run_python(["-W", "ignore", Path(__file__).with_name("paddle_apis.py"), *SAID], items=len(SAID))
    return {line["name"]: line for line in told(done)}


@pytest.mark.paddle
@pytest.mark.skipif(LEGACY, reason="Paddle's functions were others then")
@pytest.mark.parametrize("name", SAID)
def test_it_is_named(exports: dict[str, Any], name: str) -> None:
    rule, begins = SAID[name]
    found = exports[name]["said"]
    assert {severity for _, severity, *_ in found} == {"error"}
    assert any(code == rule and message.startswith(begins) for code, _, message, _ in found), found


@pytest.mark.paddle
@pytest.mark.skipif(LEGACY, reason="Paddle's functions were others then")
@pytest.mark.parametrize("name", SAID)
def test_what_to_write_instead_is_right_and_says_nothing(exports: dict[str, Any], name: str) -> None:
    export = exports[name]
    advice = {tuple(notes) for *_, notes in export["said"]}
    assert len(advice) == 1 and all(advice)
    if "instead" in export:
        assert export["instead"] == []
        assert export["equal"]


def of_paddles(leak: Leak) -> Leak:
    """The same trace where it was a function of Paddle's that read the dims."""
    leak.trace.skips[0] = Skip("paddle-api", "nll_loss")
    return leak


def checked(leak: Leak, sign: str, number: str, result: bool) -> Leak:
    return leak.used("compare", leak.n, op=sign, arguments=(number,), result=str(result), context="paddle")


def refused(leak: Leak, op: str = "") -> list[Finding]:
    call = FailedCall("paddle", "nll_loss", leak.site(40, "use(n)"), op)
    found = leak.failed("Expected 1 or more classes", call=call).found()
    return [finding for finding in found if finding.rule != "ST809"]  # which tells of what nothing else explains


def test_a_test_that_ended_the_conversion_is_what_is_refused() -> None:
    (finding,) = refused(checked(of_paddles(Leak()), "<", "1", True))
    assert (finding.rule, finding.severity) == ("ST101", "error")
    assert finding.message == "nll_loss itself reads x[0] as a number: it refuses -1, meant as x[0]"
    assert finding.remarks == (paddle_apis.instead("nll_loss"),)


@pytest.mark.parametrize(
    ("number", "result"),
    [("0", False), ("-5", True)],  # the same whatever the size
)
def test_a_test_that_has_the_right_answer_is_not(number: str, result: bool) -> None:
    assert refused(checked(of_paddles(Leak()), ">" if result else "==", number, result)) == []


def test_an_op_that_raises_after_a_test_is_another_matter() -> None:
    assert refused(checked(of_paddles(Leak()), "<", "1", True), op="nll_loss") == []


def test_a_size_that_is_compared_with_is_tried() -> None:
    (finding,) = refused(checked(of_paddles(Leak()), "!=", "6", True))
    assert finding.rule == "ST101"


def test_most_functions_only_go_another_way_by_a_test() -> None:
    leak = checked(of_paddles(Leak()), "<", "1", True)
    assert leak.found() == []


def test_a_function_that_computes_another_thing_by_a_test_is_told() -> None:
    leak = of_paddles(Leak())
    leak.trace.skips[0] = Skip("paddle-api", "tensor_split")
    (finding,) = checked(leak, ">=", "0", False).found()
    assert finding.rule == "ST102"
    assert finding.message.endswith("it decides by -1, meant as x[0]; the export is silently wrong")


def test_of_a_call_the_op_that_got_the_number_is_told() -> None:
    leak = of_paddles(Leak())
    two = leak.computed(-2, "-", DimRef(leak.n), 1)
    leak.used("op", two, op="trapezoid").used("op", two, op="arange", argument="end", operation="arange")
    (finding,) = leak.found()
    assert "arange got end = -2" in finding.message


def test_an_op_that_got_another_dim_tells_nothing_of_this_one() -> None:
    leak = of_paddles(Leak())
    leak.used("op", leak.n, op="__mod__", argument="other_var").used(
        "op", leak.m, op="reshape", argument="shape", operation="reshape"
    )
    (finding,) = leak.found()
    assert "the remainder by -1" in finding.message
