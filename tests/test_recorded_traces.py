"""A recorded trace stands for its conversion: what the rules make of it is what they made when the watch closed."""

from __future__ import annotations

import importlib
import threading
from pathlib import Path

import pytest

from recorded_traces import Recordings, every
from shapetrace import rules

pytestmark = pytest.mark.paddle

FEW = ["models.partial_held:broken", "models.branch:broken", "models.st701_concat_of_branches:broken"]


def test_all_twins_are_known() -> None:
    modules = {name.partition(":")[0] for name in every()}
    assert modules
    for module in modules:
        imported = importlib.import_module(module)
        defined = {f"{module}:{twin}" for twin in ("broken", "healthy") if hasattr(imported, twin)}
        assert defined == {name for name in every() if name.startswith(f"{module}:")}


@pytest.mark.parametrize("name", [*FEW, "models.partial_held:healthy"])
def test_the_rules_find_the_same_in_it_again(recorded: Recordings, name: str) -> None:
    trace = recorded.trace(name)
    assert rules.check(trace) == trace.findings
    assert bool(trace.findings) == name.endswith("broken")


def test_it_is_recorded_once_by_whoever_asks_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    converted: list[str] = []
    convert = Recordings._convert

    def counted(self: Recordings, name: str) -> None:
        converted.append(name)
        convert(self, name)

    monkeypatch.setattr(Recordings, "_convert", counted)
    asked = [threading.Thread(target=Recordings(tmp_path).record, args=(FEW[: 1 + turn % 2],)) for turn in range(4)]
    for thread in asked:
        thread.start()
    for thread in asked:
        thread.join()

    assert sorted(converted) == sorted(FEW[:2])
    assert len(list(tmp_path.glob("*.trace"))) == 2


def test_a_process_that_died_is_told(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    (tmp_path / "models.gone.broken.json").write_text('{"died": 6}')
    with pytest.raises(AssertionError, match="ended its process with the status 6"):
        recordings.trace("models.gone:broken")
