"""The remedy `rtdetrv2` is recommended where a model has part in its bug, and not to every user of PaddleDetection."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from subprocess_run import run_python

pytestmark = pytest.mark.paddle

LIKE = Path(__file__).parent.parent / "plugins" / "ppdet_like"
SCRIPT = f"""
import sys
import paddle
sys.path.insert(0, {str(LIKE)!r})
from ppdet.modeling.transformers import deformable_transformer, rtdetr_transformerv2

class Model(paddle.nn.Layer):
    def __init__(self, attention):
        super().__init__()
        self.attention = attention
        self.linear = paddle.nn.Linear(4, 4)

    def forward(self, x):
        return self.linear(x)

module = {{"newer": rtdetr_transformerv2, "older": deformable_transformer}}[sys.argv[1]]
model = Model(module.MSDeformableAttention(4, 2, 1, 1))
paddle.jit.save(model, "model", input_spec=[paddle.static.InputSpec([-1, 4], "float32", name="x")])
"""


def detection(place: Path, *arguments: str) -> dict[str, str]:
    """What `shapetrace doctor` says of PaddleDetection."""
    done = run_python(["-m", "shapetrace", "doctor", "--json", *arguments], cwd=place)
    (line,) = [line for line in json.loads(done.stdout)["lines"] if line["subject"] == "PaddleDetection"]
    return {name: line[name] for name in ("level", "seen", "do")}


@pytest.mark.parametrize("which", ["newer", "older"])
def test_a_model_that_has_part_in_the_bug(tmp_path: Path, which: str) -> None:
    (tmp_path / "export.py").write_text(SCRIPT, encoding="utf-8")
    line = detection(tmp_path, "export.py", which)
    if which == "newer":
        assert (line["level"], line["do"]) == ("warning", "shapetrace run --remedy rtdetrv2 SCRIPT")
    else:
        assert (line["level"], line["do"]) == ("ok", "")
        assert line["seen"].endswith("and Model does not use it")
