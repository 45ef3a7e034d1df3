"""`doctor` names what Paddle itself does wrong, where the model calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from subprocess_run import run_python
from versions import LEGACY

pytestmark = [pytest.mark.paddle, pytest.mark.skipif(LEGACY, reason="Paddle 2.6 raises, and does not end the process")]

CODE = """
import paddle
from paddle.static import InputSpec

class Rows(paddle.nn.Layer):
    def forward(self, x):
        return paddle.add_n(paddle.unbind(x, 1)) * 2.0

class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.rows = Rows()

    def forward(self, x):
        return self.rows(x)

paddle.jit.save(Net(), "out/model", input_spec=[InputSpec([-1, 3, 4], name="x")])
"""


def test_a_call_that_may_end_the_process_is_named_with_its_thread(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(CODE, encoding="utf-8")
    done = run_python(["-m", "shapetrace", "doctor", "--json", "script.py"], cwd=tmp_path)
    (line,) = [line for line in json.loads(done.stdout)["lines"] if line["subject"] == "Paddle itself"]
    assert line["level"] == "note"
    assert line["seen"].startswith("forward (script.py:6) calls unbind: Paddle aborts the process")
    assert line["threads"] == ["https://github.com/PaddlePaddle/Paddle/issues/57771"]
