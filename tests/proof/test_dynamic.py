"""The most dynamic spec, and what stops it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shapetrace.cli import main
from subprocess_run import run_python
from versions import LEGACY

TESTS = Path(__file__).parent.parent
SEARCH = """
import json, sys
sys.path.insert(0, {tests!r})
import sized_models as models
from models import lost_by_matmul, st802_sum_from_an_int, two_to_infer_beside_a_tensor
import paddle
from paddle.static import InputSpec
from shapetrace.proof import dynamic

class Leaky(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.last = paddle.nn.Linear(8, 4)
        self.fold = lambda x: x.reshape([x.shape[0] * 2, x.shape[1] // 2, 8])
    def forward(self, x):
        return self.last(self.fold(x))

@paddle.jit.not_to_static
def checked(x):
    if x.shape[2] == -1:
        raise ValueError("its channels are counted when it is built")
    return x * 2

class Guarded(paddle.nn.Layer):
    def forward(self, x):
        return checked(x)

def told(layer, *specs):
    found = dynamic.spec(layer, list(specs))
    print("@" + json.dumps([[shape for _, _, shape in found.specs], list(found.given_up), found.conversions, found.found.proven]))

told(models.Pyramid(2, "concat"), InputSpec([1, 3, 64, 96], "float32", "image"))
told(models.Encoder(), InputSpec([1, 16], "int64", "ids"), InputSpec([1, 16], "float32", "mask"))
told(Leaky(), InputSpec([2, 6, 8], "float32", "x"))
told(Guarded(), InputSpec([2, 6, 8], "float32", "x"))
told(lost_by_matmul.Broken(), InputSpec([2, 4, 5], "float32", "x"))
told(st802_sum_from_an_int.FromInt(), InputSpec([3, 4], "float32", "x"))
told(two_to_infer_beside_a_tensor.Broken(), InputSpec([2, 3, 4], "float32", "x"))
told(models.Checked(), InputSpec([2, 8, 6], "float32", "x"))
told(models.Twin(), InputSpec([2, 3, 64, 64], "float32", "large"), InputSpec([2, 3, 32, 32], "float32", "small"))
"""


@pytest.mark.paddle
@pytest.mark.skipif(LEGACY, reason="symbolic shapes of resizes are those of Paddle 3")
def test_what_stops_an_axis_keeps_its_size(tmp_path: Path) -> None:
    path = tmp_path / "search.py"
    path.write_text(SEARCH.format(tests=str(TESTS)))
    done = run_python([str(path)])
    assert done.returncode == 0, done.stderr
    image, words, leaky, guarded, lost, summed, folded, checked, twin = (
        json.loads(line[1:]) for line in done.stdout.splitlines() if line.startswith("@")
    )
    assert image == [[[-1, 3, -1, -1]], ["image[1]"], 2, True]
    assert words == [[[-1, -1], [-1, -1]], [], 1, True]
    assert leaky[0] in ([[2, -1, 8]], [[2, 6, 8]])
    assert "x[0]" in leaky[1]
    assert leaky[2] <= len(leaky[1]) + 1
    assert lost[:2] == [[[2, -1, 5]], ["x[0]", "x[2]"]]
    assert summed == [[[3, -1]], ["x[0]"], 2, True]  # with x[0] unknown there are no symbolic shapes
    assert folded == [[[2, -1, -1]], ["x[0]"], 2, True]  # x[1] is taken once x[0] is no number of its own
    assert checked == [[[-1, -1, 6]], ["x[2]"], 2, True]  # without x[2] the reshape of x[1] is decided
    assert twin == [
        [[-1, 3, -1, -1], [-1, 3, -1, -1]],
        ["large[1]", "small[1]"],
        2,
        True,
    ]  # one size only while the other is held
    assert guarded == [[[-1, -1, 8]], ["x[2]"], 2, True]


def test_a_trace_has_no_model_to_convert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sizes", "--spec", str(tmp_path / "saved")]) == 2
    assert "--spec converts the model several times" in capsys.readouterr().err
