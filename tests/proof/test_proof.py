"""What is derived is what runs, and what does not run is not called proven."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from subprocess_run import run_python
from versions import LEGACY

pytestmark = [pytest.mark.paddle, pytest.mark.skipif(LEGACY, reason="symbolic shapes of resizes are those of Paddle 3")]
ROOT = Path(__file__).parent.parent
BRUTE = """
import json, sys
sys.path[:0] = [{tests!r}, {benchmarks!r}]
import sizes_by_brute_force as brute
print("@" + json.dumps([brute.counted(name, 17, 5) for name in {names!r}]))
"""
OUTCOMES = """
import json, os, sys
sys.path[:0] = [{tests!r}, {benchmarks!r}]
import sizes_by_brute_force as brute
def work(trial):
    if trial == "dies":
        os.abort()
    return 1 / trial > 0
print("@" + json.dumps(brute.outcomes(work, [1, "dies", 2, 0, 3, -1])))
"""
PROVE = """
import json, sys
sys.path.insert(0, {tests!r})
import sized_models, shapetrace
from shapetrace.proof import proving
from shapetrace.sizes.pattern import Pattern
layer, spec = sized_models.MODELS["pyramid of 2, concat"]()
found = shapetrace.sizes(layer, spec)
print("@" + json.dumps([found.proven, str(found.unproven), found.tried]))
told = []
proving.edges.trials = lambda *_, **__: [proving.Trial({{"image[0]": 1, "image[2]": 64, "image[3]": 66}}, True)]
print("@" + json.dumps(str(shapetrace.sizes(layer, spec).unproven)))
proving.edges.trials = lambda *_, **__: [proving.Trial({{"image[0]": 1, "image[2]": 64, "image[3]": 68}}, False)]
print("@" + json.dumps(str(shapetrace.sizes(layer, spec).unproven)))
print("@" + json.dumps(str(shapetrace.sizes(layer, spec, prove=False).unproven)))
proving.edges.trials = lambda *_, ends: [*ends]
claimed = {{"image": ("B=1..3", 3, "H=32*k:33..130", "W")}}
found = shapetrace.sizes(layer, spec, dims=claimed, progress=lambda what: told.append(str(what)))
print("@" + json.dumps([found.tried, [each for each in told if "image[0]" in each]]))
"""
BUSY = """
import json, os, sys, time
sys.path.insert(0, {tests!r})
os.environ["SHAPETRACE_PATIENCE"] = "0"
import sized_models, shapetrace
from shapetrace.capture.shapes import tasks
working = tasks.ShapeTasks._work
def slowly(self, asked):
    time.sleep(3)  # as where others use the processor
    return working(self, asked)
tasks.ShapeTasks._work = slowly
layer, spec = sized_models.MODELS["pyramid of 2, concat"]()
print("@" + json.dumps([str(axis.said) for axis in shapetrace.sizes(layer, spec, prove=False).axes]))
"""


def answers(code: str, **values: Any) -> list[Any]:
    done = run_python(["-c", code.format(tests=str(ROOT), **values)])
    found = [json.loads(line[1:]) for line in done.stdout.splitlines() if line.startswith("@")]
    assert done.returncode == 0, done.stderr
    return found


def test_each_size_is_run() -> None:
    """A few of the models of `benchmarks/sizes_by_brute_force.py`, at few sizes."""
    names = ["pyramid of 3, unpadded", "encoder", "focus", "rows", "two images", "transposed", "checked"]
    (found,) = answers(BRUTE, benchmarks=str(ROOT.parent / "benchmarks"), names=names)
    for model in found:
        counts = list(model["counts"].values())
        assert sum(each.get("exact", 0) for each in counts) > 20
        assert not any("wrong" in each or "undecided" in each for each in counts), model["wrong"]


def test_a_size_that_ends_its_process_costs_that_size_only() -> None:
    """A fork that dies, raises or is stopped at a size comes to False there, and the sizes after it are run."""
    (found,) = answers(OUTCOMES, benchmarks=str(ROOT.parent / "benchmarks"))
    assert found == [True, False, True, False, True, False]


@pytest.mark.parametrize(
    ("command", "last"),
    [
        (("sizes_by_brute_force.py", "--sizes", "9", "--batches", "3"), "2 models, 42 sizes: 42 exact, 0 empty, 0 undecided, 0 wrong"),
        (("spec_by_brute_force.py",), "2 models: 2 equal; conversions 4, by brute force 8, all sets 16"),
    ],
)  # fmt: skip
def test_brute_force_by_command(command: tuple[str, ...], last: str) -> None:
    done = run_python([str(ROOT.parent / "benchmarks" / command[0]), *command[1:], "checked", "topk"])
    assert done.stdout.splitlines()[-1] == last, done.stdout + done.stderr


def test_a_proof_runs_both_and_a_refutation_is_told() -> None:
    (proven, why, tried), refuted, surprising, unasked, (ends, told) = answers(PROVE)
    assert (proven, why) == (True, "")
    assert tried > 20
    assert refuted.startswith("image[0]=1, image[2]=64, image[3]=66 should be taken, and the model fails: ValueError")
    assert surprising == "image[0]=1, image[2]=64, image[3]=68 should not be taken, and runs"
    assert unasked == ""
    assert (ends, told) == (1, ["trying image[0]=3, image[2]=128, image[3]=64"])  # all is held at the other end anyway


def test_shapes_that_take_their_time_on_a_busy_machine_are_waited_for() -> None:
    (found,) = answers(BUSY)
    assert found == ["any size", "3, by the spec", "a multiple of 4", "a multiple of 4"]
