"""What is written beside a line is what that line makes in dygraph, at two sizes: seen by tracing the models line by line."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recorded_traces import Recordings, modules, twins
from shapetrace import Trace, symbolic
from shapetrace.annotated import annotate
from shapetrace.trace import Conversion
from subprocess_run import ROOT, run_python, told_by_name

HEALTHY = [
    name for name in twins(modules("models")) if name.endswith(":healthy") and not name.startswith("models.merging")
]
UNLIKE = {
    "models.reported.paddle_51239_reshape_like_another:healthy": "its inputs go together by a formula",
    "models.reported.paddle_67032_sizes_in_a_tensor:healthy": "an input holds sizes",
}
"""Models that cannot be given inputs by their spec alone."""
REPORTED = [name for name in twins(modules("models/reported")) if name.endswith(":healthy") and name not in UNLIKE]
CHECKOUT = os.environ.get("SHAPETRACE_PADDLEDETECTION", "")


def claims(trace: Trace, shapes: list[list[int]]) -> Iterator[tuple[tuple[str, int, str], Any]]:
    """What the lines of a trace say at these shapes of the inputs: the place and name, and a shape or the numbers held."""
    for file in annotate(trace):
        for number, line in file.lines.items():
            for made in line.makes:
                if not made.name:
                    continue
                conversion = trace.conversions[made.tensors[0][0]]
                value = conversion.values[made.tensors[0][1]]
                said = value.data if made.holds is not None and not made.shape else value.dims
                yield (file.path, number, made.name), evaluated(conversion, said or (), shapes)


def evaluated(conversion: Conversion, dims: tuple[int, ...], shapes: list[list[int]]) -> list[int | None]:
    """These dims where the inputs have these shapes; None for what depends on data."""
    order = [given.name for given in conversion.inputs]
    sizes = {
        symbol.key: shapes[order.index(symbol.input)][symbol.axis]
        for symbol in conversion.symbols
        if symbol.input in order and symbol.axis is not None
    }
    return [
        symbolic.evaluate(expression, sizes) if symbolic.symbols(expression) <= sizes.keys() else None
        for expression in (conversion.expressions[dim] for dim in dims)
    ]


def seen(runs: list[list[Any]]) -> dict[tuple[str, int, str], list[Any]]:
    found: dict[tuple[str, int, str], list[Any]] = {}
    for file, line, name, values in runs:
        found.setdefault((file, line, name), []).extend(values)
    return found


def ran(run: list[list[Any]], place: tuple[str, int, str]) -> bool:
    """Whether a line was run at all."""
    return any((file, line) == place[:2] for file, line, *_ in run)


def agrees(claim: list[int | None], values: list[Any]) -> bool:
    """Whether a shape, or a number that is held, is among what a line has in dygraph."""
    if len(claim) <= 1 and any(isinstance(value, int) and claim in ([], [None], [value]) for value in values):
        return True  # dygraph has a number for a tensor without axes
    return any(
        isinstance(value, list)
        and len(value) == len(claim)
        and all(known is None or known == size for known, size in zip(claim, value, strict=True))
        for value in values
    )


@pytest.mark.paddle
def test_every_shape_is_that_of_dygraph(recorded: Recordings, tmp_path: Path) -> None:
    recorded.record([*HEALTHY, *REPORTED])
    jobs: list[dict[str, Any]] = [
        {"model": name, "inputs": [[list(shape)] for shape in shapes_of(name)]} for name in HEALTHY
    ]
    jobs += [{"model": name, "inputs": [filled(recorded.trace(name), size) for size in (16, 32)]} for name in REPORTED]
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    told = told_by_name([ROOT / "tests" / "dygraph_lines.py", tmp_path / "jobs.json"], items=len(jobs))
    wrong, compared = [], 0
    for job in jobs:
        trace = recorded.trace(job["model"])
        for shapes, run in zip(job["inputs"], told[job["model"]]["runs"], strict=True):
            dygraph = seen(run)
            for place, claim in claims(trace, shapes):
                if not ran(run, place):  # the other side of a branch
                    continue
                compared += 1
                if not agrees(claim, dygraph.get(place, [])):
                    wrong.append(f"{place} has {claim} at {shapes}, and dygraph {dygraph.get(place)}")
    assert not wrong, "\n".join(wrong)
    assert compared > 400


@pytest.mark.skipif(not CHECKOUT, reason="SHAPETRACE_PADDLEDETECTION names no checkout of PaddleDetection")
@pytest.mark.parametrize("which", ["batch", "sizes"])
def test_every_shape_of_the_real_rtdetrv2_is_that_of_dygraph(which: str) -> None:
    done = run_python([Path(__file__).with_name("real_rtdetrv2.py"), which], cwd=Path(CHECKOUT), memory=12 << 30)
    assert done.returncode == 0, done.stdout + done.stderr
    compared = re.search(r"(\d+) compared, 0 wrong", done.stdout)
    assert compared is not None and int(compared.group(1)) > 300
    assert "note: " not in done.stdout


def filled(trace: Trace, size: int) -> list[list[int]]:
    """Shapes for the inputs of a model: its spec, with one size for all that it leaves unknown."""
    return [[size if axis < 0 else axis for axis in given.shape] for given in trace.conversions[-1].inputs]


def shapes_of(name: str) -> Any:
    """SHAPES of a module of models, which is not imported: it imports Paddle."""
    path = ROOT / "tests" / f"{name.partition(':')[0].replace('.', '/')}.py"
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SHAPES":
            return ast.literal_eval(node.value)
    return ((1, 8, 4), (3, 8, 4))  # of models.merging
