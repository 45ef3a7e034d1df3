"""Specs with more axes unknown than their author has left so."""

from __future__ import annotations

import json

import pytest

from subprocess_run import run_python

pytestmark = pytest.mark.paddle

SHAPES = """
import json
from paddle.static import InputSpec
from shapetrace.verify.unknown import opened
spec = [
    InputSpec([2, 3, 64, None], "float32", "image"),
    {"ids": InputSpec([2, 9], "int64", "ids"), "more": [InputSpec([2, 5, 7], "float16", "x"), 4]},
    InputSpec([6], "float32", "scale"),
]
for which in ("batch", "all"):
    image, nested, scale = opened(spec, which)
    specs = [image, nested["ids"], nested["more"][0], scale]
    assert nested["more"][1] == 4 and [each.name for each in specs] == ["image", "ids", "x", "scale"]
    print(json.dumps({which: [list(each.shape) for each in specs]}))
"""


def test_which_axes_become_unknown() -> None:
    done = run_python(["-c", SHAPES])
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert told == [
        {"batch": [[-1, 3, 64, -1], [-1, 9], [-1, 5, 7], [-1]]},
        {"all": [[-1, 3, -1, -1], [-1, -1], [-1, -1, 7], [-1]]},
    ]
