"""ST804: the ways in which people ask a tensor for its value, each converted and told at its expression."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from subprocess_run import run_python

pytestmark = pytest.mark.paddle

SPELLINGS = {
    "math.sqrt(size[0])": "size[0]",
    "len(size.tolist())": "size",
    "[1.0, 2.0][size[0]]": "size[0]",
    'len(f"{size[0]:.2f}")': "size[0]",
    "np.float32(size[0])": "size[0]",
    "np.asarray(size)[0].item()[0]": "",
    "round(float(size[0]) * 0.5)": "float(size[0]) * 0.5",
    "divmod(size[0], 4)[0]": "size[0]",
    "{1: 2.0}[int(size[0])]": "int(size[0])",
    "len([part for part in x.split(4, -1) if part.mean() > 0])": "part.mean()",
}
"""What is multiplied with, and the tensor that has to be named; nothing where the array of NumPy's hides its name."""
MODEL = """
import json, math
import numpy as np
import paddle
from paddle.static import InputSpec
import shapetrace

"""
LAYER = """
class Net{place}(paddle.nn.Layer):
    def forward(self, x, size):
        return x * {spelling}
"""
CONVERT = """
spec = [InputSpec([-1, 4], name="x"), InputSpec([2], "int64", name="size")]
for net in [each() for name, each in list(globals().items()) if name.startswith("Net")]:
    try:
        with shapetrace.watch() as trace:
            paddle.jit.to_static(net, input_spec=spec, full_graph=True).forward.concrete_program
    except Exception:
        pass
    print(json.dumps([[each.rule, each.message, each.sink.line] for each in trace.findings if each.severity == "error"]))
"""


def test_each_spelling_is_told_at_its_line_with_its_tensor(tmp_path: Path) -> None:
    code = MODEL + "".join(LAYER.format(place=place, spelling=spelling) for place, spelling in enumerate(SPELLINGS))
    (tmp_path / "script.py").write_text(code + CONVERT, encoding="utf-8")
    done = run_python(["script.py"], cwd=tmp_path)
    lines = code.splitlines()
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert len(told) == len(SPELLINGS), done.stderr
    for (spelling, tensor), found in zip(SPELLINGS.items(), told, strict=True):
        assert [rule for rule, _, _ in found] == ["ST804"], (spelling, found)
        ((_, message, line),) = found
        assert spelling in lines[line - 1], (spelling, found)
        assert f"`{tensor}`" in message or not tensor, (spelling, message)
