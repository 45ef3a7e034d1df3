"""`shapetrace run --with-fixes`: the script runs once for all to see, with fixed source in memory, and its export is verified."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetrace import load
from subprocess_run import run_python

pytestmark = pytest.mark.paddle

MODEL = """
import functools
from paddle import nn

def pooled(x, k):
    n, c, h, w = x.shape
    y = x.reshape([n * k, c // k, h, w])
    return (y.sum([2, 3]) / (h * w)).reshape([n, c])

class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2D(3, 4, 1)
        self.pool = functools.partial(pooled, k=2)

    def forward(self, image):
        return self.pool(self.conv(image))
"""

SCRIPT = """
import sys
import paddle
from paddle.static import InputSpec
from model import Net

def scaled(x):
    return x * {scale}

class Whole(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.net = Net()
        self.scaled = paddle.jit.not_to_static(scaled) if {scale} else scaled

    def forward(self, image):
        return self.net(image) * 2.0

print("runs with", sys.argv[1:])
paddle.jit.save(Whole(), "export", input_spec=[InputSpec([-1, 3, -1, -1], name="image")])
print("saved")
"""


def test_the_export_is_repaired_and_verified_and_no_file_changes(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "script.py").write_text(SCRIPT.format(scale=2))
    plain = run_python(["-m", "shapetrace", "run", "script.py", "a"], cwd=tmp_path)
    assert plain.returncode == 1 and "saved" not in plain.stdout

    done = run_python(["-m", "shapetrace", "run", "--with-fixes", "--trace", "a.trace", "script.py", "a"], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "runs with ['a']\nsaved\n"  # once
    assert "fixed in memory, at model.py:17" in done.stderr
    assert "the exported model gives the same" in done.stderr
    assert (tmp_path / "model.py").read_text() == MODEL

    trace = load(tmp_path / "a.trace")
    assert trace.findings == [] and trace.fixed
    applied = run_python(["-m", "shapetrace", "fix", "a.trace", "--apply"], cwd=tmp_path)
    assert applied.returncode == 0, applied.stderr
    assert "pooled(self.conv(image), k=2)" in (tmp_path / "model.py").read_text()
    again = run_python(["-m", "shapetrace", "run", "script.py", "a"], cwd=tmp_path)
    assert again.returncode == 0 and "no findings" in again.stderr


BEHIND = """
        rows = math.ceil(image.shape[2] / 7)
        most = max(image.shape[2], image.shape[3])
        return self.net(image) * 2.0 * rows / most
"""


def test_what_a_failing_line_hides_is_fixed_in_the_next_round(tmp_path: Path) -> None:
    script = MODEL + SCRIPT.replace("from model import Net\n", "import math\n").format(scale=0)
    before = script.replace("\n        return self.net(image) * 2.0\n", BEHIND)
    (tmp_path / "one.py").write_text(before)
    done = run_python(["-m", "shapetrace", "run", "--with-fixes", "--trace", "a.trace", "one.py"], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "fixed in memory, at one.py:17" in done.stderr and "gives the same" in done.stderr
    assert (tmp_path / "one.py").read_text() == before

    applied = run_python(["-m", "shapetrace", "fix", "a.trace", "--apply"], cwd=tmp_path)
    assert applied.returncode == 0, applied.stderr
    after = (tmp_path / "one.py").read_text()
    assert "rows = -(-image.shape[2] // 7)" in after and " if image.shape[2] > image.shape[3] else " in after
    assert "pooled(self.conv(image), k=2)" in after


def test_a_script_that_cannot_run_is_told_once(tmp_path: Path) -> None:
    done = run_python(["-m", "shapetrace", "run", "--with-fixes", "nosuch.py"], cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "shapetrace: there is no script nosuch.py\n")


def test_a_healthy_script_just_runs(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MODEL.replace("functools.partial(pooled, k=2)", "None").replace("self.pool(self.conv(image))", "self.conv(image)"))  # fmt: skip
    (tmp_path / "script.py").write_text(SCRIPT.format(scale=0))
    done = run_python(["-m", "shapetrace", "run", "--with-fixes", "script.py"], cwd=tmp_path)
    assert done.returncode == 0 and done.stdout == "runs with []\nsaved\n"
    assert "the first run found nothing that a machine may fix" in done.stderr
