"""What `doctor` says of Python that a conversion would go through without end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from subprocess_run import ROOT, run_python

pytestmark = pytest.mark.paddle

UNSEEN = {"counted"}
"""A class of C is called, and what it does with its argument is not known."""
HELPERS = {"doubled", "grown"}
"""Called by the spellings."""
CODE = """
import contextlib
import paddle
import endless_models as models
from paddle.static import InputSpec

EVERY = (*models.ENDLESS, *models.ENDING)

class Net(paddle.nn.Layer):
    def forward(self, x):
        for function in EVERY:
            with contextlib.suppress(Exception):
                function(x)
        return x * 2

paddle.jit.save(Net(), "out/model", input_spec=[InputSpec([-1, 4], name="x")])
"""


def test_each_spelling_that_never_ends_is_named_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(CODE, encoding="utf-8")
    done = run_python(["-m", "shapetrace", "doctor", "--json", "script.py"], cwd=tmp_path)
    lines = [line for line in json.loads(done.stdout)["lines"] if line["subject"] == "loops"]
    source = (ROOT / "tests/endless_models.py").read_text(encoding="utf-8").splitlines()
    named = set()
    for line in lines:
        assert line["level"] == "warning"
        assert "write" in line["do"] or "make one tensor" in line["do"]
        place = line["seen"].partition("endless_models.py:")[2]
        number = int(place.partition(")")[0])
        defined = next(text for text in reversed(source[:number]) if text.startswith("def "))
        named.add(defined.removeprefix("def ").partition("(")[0])
    ending = source.index("def for_range(x):")
    endless = {text.removeprefix("def ").partition("(")[0] for text in source[:ending] if text.startswith("def ")}
    assert named == endless - UNSEEN - HELPERS
