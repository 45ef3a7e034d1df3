"""ST601 and ST602: a dim that is a tensor went where Python wants a number."""

from __future__ import annotations

import pytest

from rules.watched import only_finding, watched
from versions import LEGACY

pytestmark = pytest.mark.paddle

REFUSED = {
    "max_of_tensor": ("x.shape[1]", "x[1]", "(x.shape[1] if x.shape[1] > 1 else 1)"),
    "ceil_of_tensor": ("x.shape[1] / 2", "x[1] / 2", "(-(-x.shape[1] // 2))"),
    "st601_divmod": ("width", "x[1]", "(width // 5, width % 5)"),
    "st601_membership": ("length", "x[1]//3", "length == 1 or length == 2"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_python_refuses_is_named_with_its_dim_and_what_to_write(name: str) -> None:
    tensor, symbolic, replacement = REFUSED[name]
    finding = only_finding(name)
    assert finding["rule"] == "ST601"
    assert finding["message"].endswith(f"needs a number, and in rewritten code {tensor} is a tensor")
    assert finding["symbolic"] == symbolic
    assert finding["source"]["code"] == "x.shape"
    assert finding["roots"] == [{"input": "x", "axis": 1, "symbol": "x[1]"}]
    assert [edit["text"] for edit in finding["fix"]["edits"]] == [replacement]


SILENT = {
    "lookup_of_tensor": "a lookup with x.shape[1] finds nothing, whatever the size",
    "isinstance_of_tensor": "isinstance(width, int) is False, whatever the size",
    "st602_power_below_zero": "`x.shape[1] ** -1` is a power in whole numbers: where its exponent is below zero, Paddle gives 0",
    "st602_sizes_for_numpy": '`np.ones(x.shape[1], dtype="float32")` goes through a dim as through a list, and finds it empty',
    "st602_or_of_a_remainder": "`x.shape[1] % 4 or 4` gives 4 and never x.shape[1] % 4: x.shape[1] % 4 is a tensor",
    "st602_or_of_two": "`x.shape[0] or length` gives neither x.shape[0] nor length, but 0 or 1",
    "st602_text_of_tensor": "a lookup with the text of x.shape[1] finds nothing",
}


@pytest.mark.parametrize("name", SILENT)
def test_what_python_takes_for_something_else_is_a_warning(name: str) -> None:
    finding = only_finding(name)
    assert (finding["rule"], finding["severity"]) == ("ST602", "warning")
    assert finding["message"].startswith(SILENT[name])
    assert finding["source"]["code"] == "x.shape"


@pytest.mark.skipif(not LEGACY, reason="later ones refuse to say whether a tensor is true")
@pytest.mark.parametrize("name", ["max_of_tensor", "st601_membership"])
def test_what_paddle_2_takes_for_true_is_a_warning(name: str) -> None:
    _, _, replacement = REFUSED[name]
    finding = only_finding(name)
    assert (finding["rule"], finding["severity"]) == ("ST602", "warning")
    code = finding["sink"]["code"]
    assert finding["message"].startswith(f"`{code}` is decided by accident: it asks whether a tensor is true")
    assert finding["source"]["code"] == "x.shape"
    assert [edit["text"] for edit in finding["fix"]["edits"]] == [replacement]


@pytest.mark.parametrize("name", [*REFUSED, *SILENT])
def test_healthy_twins_have_no_finding(name: str) -> None:
    assert watched(name, "healthy") == {"raised": None, "findings": [], "notes": []}
