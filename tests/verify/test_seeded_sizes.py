"""A size that is baked in is told at its line, whoever baked it in: Python, Paddle, or what converts and serves the export."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from subprocess_run import ROOT, run_python, told
from versions import LEGACY

pytestmark = [
    pytest.mark.paddle,
    pytest.mark.skipif(LEGACY, reason="the op is not looked for on Paddle 2.6, and paddle2onnx 2 refuses it"),
]
SEEDS = ROOT / "tests" / "seeded_sizes.py"


def line(name: str) -> int:
    """The line of a model at which its size is baked in."""
    lines = SEEDS.read_text(encoding="utf-8").splitlines()
    return next(number for number, text in enumerate(lines, 1) if text.endswith(f"# {name}"))


@pytest.mark.parametrize(
    ("group", "engine", "modules"),
    [
        ("python", "inference", ()),
        ("paddle", "inference", ()),
        ("converter", "onnxruntime", ("paddle2onnx", "onnxruntime")),
        ("converter", "openvino", ("paddle2onnx", "openvino")),
    ],
)
def test_a_size_that_was_baked_in_is_told_at_its_line(group: str, engine: str, modules: tuple[str, ...]) -> None:
    if missing := [module for module in modules if find_spec(module) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    done = run_python(["-W", "ignore", SEEDS, group, engine], items=8)
    assert done.returncode == 0, done.stderr[-3000:]

    seeds = told(done)
    assert len(seeds) >= 6
    for seed in seeds:
        loaded, served = seed["engines"]
        assert loaded["ok"] is (group == "converter"), seed
        for result in (served,) if loaded["ok"] else (loaded, served):
            place = result["place"]
            assert place is not None, seed
            assert (Path(place["file"]).name, place["line"]) == (SEEDS.name, line(seed["name"])), seed
            assert place["op"] == (seed["op"] or place["op"]), seed
