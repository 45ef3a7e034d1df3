"""An oracle for findings and repairs: random models have an error or a warning exactly where the export is not the model, fixed, healed or not.

And calls of Paddle's, one number of each made a size: one call in 40, or in `SHAPETRACE_CALLS`, of some 1,700. `SHAPETRACE_ORACLE=400` judges as many models instead of 40, and `SHAPETRACE_ORACLE_FROM=1000` other ones. The numbers of a long run
are in docs/reliability.md. A disagreement is mended, and becomes a small model with its twin in `models/`; what is not
known yet stands in `LIMITS` with its reason; one that passes should be taken out.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from oracle import writing
from subprocess_run import ROOT, run_python, told
from versions import PADDLE

FIRST = int(os.environ.get("SHAPETRACE_ORACLE_FROM", "0"))
COUNT = int(os.environ.get("SHAPETRACE_ORACLE", "40"))
LIMITS: dict[int, str] = {
    310: "the length of a number's text decides only beyond the sizes that are tried, so the warning is right",
    332: "NumPy refuses a root of a tensor in rewritten code, whose line is not found",
    337: "`max(n, 3)` decides by -1, and what is done with its result is the same at every size",
    347: "`len(str(n))` in rewritten code counts the text of a tensor; only a lookup of such a text is told",
}
"""Seeds on which the findings and the export are known to disagree, and why."""
CALLS = os.environ.get("SHAPETRACE_CALLS", "40")
ENDED = ("paddle.roll(x, 1, _n)", "paddle.swapaxes(", "paddle.nanmedian(v, _n)")
"""Calls that end the process, which is told where a process of its own watches: `shapetrace run`."""
UNLIKE = {
    "x[range(": "they index beyond an axis, which dygraph does not look at",
    "transforms.perspective(x[": "how many channels there are is not known, and Paddle's own code asks for them",
    "paddle.tensor_split(paddle.arange(_n)": "what is wrong is in a part that the call does not give back",
    "paddle.take(paddle.arange(_n)": "what Paddle adds to an index below zero is wrong, and none is below",
}
"""Calls, by how they begin, of which the verdict is known to be another, and why."""
pytestmark = pytest.mark.skipif(not PADDLE.startswith("3.3."), reason="other Paddles refuse other models")


def limited(seed: int) -> Any:
    """The seed as a parameter; expected to fail where it is known to."""
    marks = [pytest.mark.xfail(reason=LIMITS[seed], strict=False)] if seed in LIMITS else []
    return pytest.param(seed, marks=marks)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The judgement of each model, by its seed."""
    return _told_by("oracle.judging", tmp_path_factory.mktemp("oracle"))


@pytest.fixture(scope="module")
def repaired(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What fixes and healing make of each model that needs them, by its seed."""
    return _told_by("oracle.repairing", tmp_path_factory.mktemp("repaired"))


def _told_by(module: str, directory: Path) -> dict[str, dict[str, Any]]:
    arguments: list[str | Path] = ["-W", "ignore", "-m", module, directory, str(FIRST), str(COUNT)]
    done = run_python(arguments, cwd=ROOT / "tests", items=COUNT)
    results = {line["name"]: line for line in told(done)}
    assert len(results) == COUNT, done.stderr[-2000:]
    return results


@pytest.mark.paddle
@pytest.mark.parametrize("seed", [limited(seed) for seed in range(FIRST, FIRST + COUNT)])
def test_there_is_a_finding_exactly_where_the_export_is_wrong(judged: dict[str, dict[str, Any]], seed: int) -> None:
    result = judged[str(seed)]
    assert result.get("verdict") in ("found", "healthy", "uncounted"), f"{result}\n{writing.source(seed)}"
    assert not result.get("notes")


@pytest.mark.paddle
@pytest.mark.parametrize("seed", [limited(seed) for seed in range(FIRST, FIRST + COUNT)])
def test_a_repair_is_right_or_what_is_left_is_told(repaired: dict[str, dict[str, Any]], seed: int) -> None:
    result = repaired[str(seed)]
    assert "died" not in result
    assert result.get("fixed", "nothing") in ("right", "told", "nothing", "uncounted"), (
        f"{result}\n{writing.source(seed)}"
    )
    assert result.get("healed", "right") in ("right", "told", "uncounted"), f"{result}\n{writing.source(seed)}"


@pytest.mark.paddle
def test_the_models_are_worth_the_while(judged: dict[str, dict[str, Any]]) -> None:
    counts = Counter(result.get("verdict", "died") for result in judged.values())
    assert counts["found"] >= COUNT // 5
    assert counts["healthy"] >= COUNT // 5
    assert counts["uncounted"] <= COUNT // 8


def test_a_seed_gives_one_model_that_compiles() -> None:
    sources = [writing.source(seed) for seed in range(100)]
    assert sources == [writing.source(seed) for seed in range(100)]
    assert len(set(sources)) == 100
    for text in sources:
        compile(text, "oracle", "exec")


def test_every_way_to_keep_a_function_is_written() -> None:
    sources = "\n".join(writing.source(seed) for seed in range(100))
    kept = (
        "functools.partial(",
        "= lambda t",
        "not_to_static",
        "def make_",
        "@property",
        "yield",
        "map(",
        "@staticmethod",
        "class Part_",
    )
    assert all(word in sources for word in kept)


def test_later_seeds_ask_for_types_and_use_what_no_size_changes() -> None:
    sources = "\n".join(writing.source(seed) for seed in range(writing.ASKING, writing.ASKING + 200))
    assert all(
        word in sources
        for word in ("else int(s", "if not isinstance(", "item()", "* 0 + 3)", "np.float32((", ".get(f'w{")
    )


@pytest.mark.paddle
@pytest.mark.parametrize("kind", ["converted", "left"])
def test_a_call_has_a_finding_exactly_where_a_dim_makes_it_wrong(kind: str, tmp_path: Path) -> None:
    arguments: list[str | Path] = ["-W", "ignore", "-m", "oracle.calls", tmp_path, kind, "7", CALLS]
    done = run_python(arguments, cwd=ROOT / "tests", items=2000 // int(CALLS))
    results = told(done)

    assert done.returncode == 0, done.stderr[-2000:]
    assert [each for each in results if "died" in each and not each["code"].startswith(ENDED)] == []
    judged = [each for each in results if "died" not in each and not each["code"].startswith(tuple(UNLIKE))]
    disagree = (
        ("missed", "false alarm") if kind == "converted" else ("missed",)
    )  # a -1 may be right at one size, by chance
    assert [each for each in judged if each["verdict"] in disagree] == []
    assert Counter(each["verdict"] for each in judged)["found"] > 500 // int(CALLS)
