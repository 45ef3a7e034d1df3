"""A watch changes nothing of an export, whatever the model is: of models written at random, most of them wrong.

`SHAPETRACE_GENERATED=450` exports as many models instead of 36, and `SHAPETRACE_GENERATED_FROM=1000` other ones.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import generated_models
from subprocess_run import run_python, told

FIRST = int(os.environ.get("SHAPETRACE_GENERATED_FROM", "0"))
COUNT = int(os.environ.get("SHAPETRACE_GENERATED", "36"))
SEEN = ("raised", "files", "warnings", "printed", "died")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What came of each export, by `seed:plain` and `seed:watched`."""
    directory = tmp_path_factory.mktemp("generated")
    arguments = [Path(generated_models.__file__), directory, str(FIRST), str(COUNT)]
    done = run_python(["-W", "ignore", *arguments], items=2 * COUNT)
    results = told(done)
    assert len(results) == 2 * COUNT, done.stderr[-2000:]
    return {result["name"]: result for result in results}


@pytest.mark.paddle
@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_a_watched_export_is_the_plain_one(exported: dict[str, dict[str, Any]], seed: int) -> None:
    plain, watched = exported[f"{seed}:plain"], exported[f"{seed}:watched"]

    assert [watched.get(key) for key in SEEN] == [plain.get(key) for key in SEEN], generated_models.source(seed)
    assert not watched.get("notes"), generated_models.source(seed)


@pytest.mark.paddle
def test_the_models_are_worth_the_while(exported: dict[str, dict[str, Any]]) -> None:
    """Some can be saved, some fail in different ways, and few kill the process: else this file shows nothing."""
    plain = [result for name, result in exported.items() if name.endswith(":plain")]

    assert sum("died" in result for result in plain) <= COUNT // 8
    assert sum(bool(result.get("files")) for result in plain) >= COUNT // 8
    assert len({result["raised"][0] for result in plain if result.get("raised")}) >= 3
    assert any(result.get("findings") for result in exported.values())


def test_a_seed_gives_one_model() -> None:
    sources = [generated_models.source(seed) for seed in range(40)]

    assert sources == [generated_models.source(seed) for seed in range(40)]
    assert len(set(sources)) == 40
    for text in sources:
        compile(text, "generated", "exec")
