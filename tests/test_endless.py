"""A conversion that never ends is told of while it runs, and in the report, however it is ended; one that ends is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from shapetrace.capture.ending import Ending
from shapetrace.cli import ending
from shapetrace.cli.program import Program
from shapetrace.cli.watching import Watching
from subprocess_run import ROOT, heed_ctrl_c, told_by_name

HERE = Path(__file__).parent

pytestmark = pytest.mark.paddle

ENDLESS = {
    "comprehension": ("range(n)", "a `for` statement"),
    "list_of_range": ("range(x.shape[0])", "paddle.arange(x.shape[0])"),
    "rows": ("x", "the whole of `x`"),
    "starred": ("x", "the whole of `x`"),
    "sorted_range": ("range(x.shape[0])", "paddle.arange(x.shape[0])"),
    "to_tuple": ("x", "the whole of `x`"),
    "enumerated": ("x", "the whole of `x`"),
    "mapped": ("x", "the whole of `x`"),
    "generator": ("x", "the whole of `x`"),
    "dict_comprehension": ("range(x.shape[0])", "a `for` statement"),
    "stepped": ("range(0, x.shape[0], 2)", "a `for` statement"),
    "second_of_two": ("range(x.shape[0])", "a `for` statement"),
    "over_lines": ("range(x.shape[0])", "a `for` statement"),
    "extended": ("x", "the whole of `x`"),
    "asked_for_any": ("x", "the whole of `x`"),
    "counted": ("x", "the whole of `x`"),
    "of_array": ("outs", "paddle.stack(outs)"),
    "sum_of_array": ("outs", "paddle.stack(outs)"),
    "starred_array": ("outs", "paddle.stack(outs)"),
    "zipped_arrays": ("zip(ones, others)", "make one tensor of each list first"),
}
"""What is gone through, and a part of what to write instead."""
ENDING = (
    "for_range",
    "for_rows",
    "for_array",
    "array_by_index",
    "subscripts",
    "known_length",
    "left_by_break",
    "zipped_with_known",
)


@pytest.fixture(scope="module")
def tried() -> dict[str, Any]:
    return told_by_name([HERE / "endless_models.py"], items=len(ENDLESS) + len(ENDING))


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_told(tried: dict[str, Any], name: str) -> None:
    iterated, advice = ENDLESS[name]
    result = tried[name]
    (said,) = result["said"]
    assert "endless_models.py:" in said
    assert f"`{iterated}`" in said
    assert advice in said
    assert "\n" not in said
    ((rule, message, says, _),) = result["found"]
    assert (rule, result["ended"]) == ("ST801", "KeyboardInterrupt")
    assert f"`{iterated}`" in message
    assert advice in says
    assert result["notes"] == []


@pytest.mark.parametrize("name", ["of_array", "sum_of_array", "starred_array"])
def test_of_an_array_of_tensors_the_loop_is_told_that_made_it(tried: dict[str, Any], name: str) -> None:
    ((_, message, _, _),) = tried[name]["found"]
    assert message.endswith(
        "`outs` became an array of tensors in `for i in range(x.shape[0])`, which has no known length in a conversion"
    )
    assert "`outs`, a list that became an array of tensors in a loop, has" in tried[name]["said"][0]


@pytest.mark.parametrize("name", ENDING)
def test_what_ends_is_not_reported(tried: dict[str, Any], name: str) -> None:
    assert (tried[name]["found"], tried[name]["failed"], tried[name]["notes"]) == ([], False, [])


SCRIPT = """
import paddle
from paddle.static import InputSpec

class Net(paddle.nn.Layer):
    def forward(self, x):
        return paddle.stack([row * 2 for row in x])

paddle.jit.save(Net(), "model", input_spec=[InputSpec([-1, 4], "float32", name="x")])
"""


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "KeyboardInterrupt"), (signal.SIGTERM, "Terminated")])
def test_a_signal_ends_it_with_a_report(tmp_path: Path, number: signal.Signals, name: str) -> None:
    (tmp_path / "script.py").write_text(SCRIPT, "utf-8")
    command = [sys.executable, "-m", "shapetrace", "run", "--trace", "it.trace", "script.py"]
    path = f"{ROOT}:{ROOT}/plugins"
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "never ends" in line:
                process.send_signal(number)
                break
        report = process.stderr.read()
    assert process.returncode == -number, report[-3000:]
    assert "error[ST801]" in report
    assert f"the conversion was ended by {name} after" in report
    assert (tmp_path / "it.trace").exists()


class TestEnding:
    """What ends a conversion waits for a safe place in it, and no longer than the conversion lasts."""

    def test_at_a_safe_place(self) -> None:
        asked = Ending(lambda: True)
        asked.ask(KeyboardInterrupt, threading.get_ident())
        with pytest.raises(KeyboardInterrupt):
            asked.check()
        asked.check()  # once is enough

    def test_when_the_conversion_has_ended(self) -> None:
        asked = Ending(lambda: True)
        asked.ask(ending.TimeLimit, threading.get_ident())
        with pytest.raises(ending.TimeLimit):
            asked.insist()
            sum(range(1000))
        asked.insist()

    def test_dropped(self) -> None:
        asked = Ending(lambda: True)
        asked.ask(ending.TimeLimit, threading.get_ident())
        asked.drop()
        asked.check()
        asked.insist()
        assert asked.pending is None

    def test_at_once_where_nothing_is_converted(self) -> None:
        with pytest.raises(ending.MemoryLimit):
            Ending(lambda: False).ask(ending.MemoryLimit, threading.get_ident())
            sum(range(1000))


class TestLimits:
    def test_time(self) -> None:
        asked: list[Any] = []
        over = threading.Event()

        def end(kind: type[ending.Ended], thread: int) -> None:
            asked.append((kind, thread))
            over.set()

        with ending.limited(0.1, None, end):
            assert over.wait(60)
        assert asked == [(ending.TimeLimit, threading.get_ident())]

    def test_memory(self) -> None:
        asked: list[Any] = []
        over = threading.Event()

        def end(kind: type[ending.Ended], thread: int) -> None:
            asked.append(kind)
            over.set()

        with ending.limited(None, 0.001, end):
            assert over.wait(60)
        assert asked == [ending.MemoryLimit]

    def test_none(self) -> None:
        before = threading.active_count()
        with ending.limited(None, None, lambda kind, thread: None):
            assert threading.active_count() == before

    def test_the_report_is_not_limited(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is made when the script has ended takes its time, however long the script took and whatever it left in memory."""
        order: list[str] = []

        @contextmanager
        def limits() -> Iterator[None]:
            order.append("limits")
            try:
                yield
            finally:
                order.append("no limits")

        def run() -> None:
            order.append("script")
            raise ending.TimeLimit

        watching = Watching(heal=False, remedies=())
        close = watching._close

        def report(error: BaseException | None) -> None:
            order.append("report")
            close(error)

        monkeypatch.setattr(watching, "_close", report)
        error = watching.run(cast(Program, SimpleNamespace(run=run)), limits())
        assert isinstance(error, ending.TimeLimit)
        assert order == ["limits", "script", "no limits", "report"]
