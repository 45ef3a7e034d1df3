"""ST804: the ways in which people ask a tensor for its value, each told at its expression."""

from __future__ import annotations

import pytest

from recorded_traces import Recordings
from shapetrace import rules
from subprocess_run import ROOT

pytestmark = pytest.mark.paddle

SPELLINGS = {
    "of_math": ("math.sqrt(size[0])", "size[0]"),
    "listed": ("len(size.tolist())", "size"),
    "place": ("[1.0, 2.0][size[0]]", "size[0]"),
    "formatted": ('len(f"{size[0]:.2f}")', "size[0]"),
    "of_numpy": ("np.float32(size[0])", "size[0]"),
    "array": ("np.asarray(size)[0].item()[0]", ""),
    "rounded": ("round(float(size[0]) * 0.5)", "float(size[0]) * 0.5"),
    "divided": ("divmod(size[0], 4)[0]", "size[0]"),
    "key": ("{1: 2.0}[int(size[0])]", "int(size[0])"),
    "chosen": ("len([part for part in x.split(4, -1) if part.mean() > 0])", "part.mean()"),
}
"""What is multiplied with, and the tensor that has to be named; nothing where the array of NumPy's hides its name."""

LINES = (ROOT / "tests" / "value_spellings.py").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", SPELLINGS)
def test_each_spelling_is_told_at_its_line_with_its_tensor(recorded: Recordings, name: str) -> None:
    spelling, tensor = SPELLINGS[name]
    found = rules.check(recorded.trace(f"value_spellings:{name}"))
    (finding,) = (each for each in found if each.severity == "error")
    assert finding.rule == "ST804" and finding.sink is not None
    assert LINES[finding.sink.line - 1] == f"    return x * {spelling}"
    assert f"`{tensor}`" in finding.message or not tensor
