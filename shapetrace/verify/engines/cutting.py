"""Finds the op at which an engine fails or differs, by cutting the exported program and serving each part.

A part is all ops up to one, and its outputs are what the ops after it would need: so it fails wherever an op in it does, and its
first wrong value is that of its last op. Each part is served in a process of its own, forked from one that has loaded the
program and nothing else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shapetrace import forking
from shapetrace.plugin import Engine, Session
from shapetrace.verify import pieces, tolerance
from shapetrace.verify.engines import paddle2onnx
from shapetrace.verify.engines.process import Request
from shapetrace.verify.pieces import Pieces

_LIMITS = forking.Limits(seconds=120.0, cpu=480.0, memory=8 << 30)
_GOOD, _BAD = b"good", b"bad"

Case = Mapping[str, Any]


def located(engine: Engine, request: Request, cases: Sequence[Case]) -> int | None:
    """The index, in the exported program, of the op that is to blame.

    Args:
        engine: The engine.
        request: What went wrong: whether it fails, in which variant and in which order.
        cases: The inputs at each choice of sizes.

    Returns:
        None where no part of the program goes wrong by itself.
    """
    order = [cases[number] for number in request.orders[0]] if request.orders else []
    feed = cases[0] if cases else {}
    with pieces.opened(request.export, feed) as program:
        cuts = program.cuts()

        def wrong(cut: int) -> bool:
            with tempfile.TemporaryDirectory(prefix="shapetrace-cut-") as directory:
                part = _Part(program, cut, Path(directory))
                return _goes_wrong(lambda: part.verdict(engine, request, order), fails=request.fails)

        low, high = 0, len(cuts) - 1
        if high < 0 or not wrong(cuts[high]):
            return None
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if wrong(cuts[middle]) else (middle + 1, high)
        return program.behind(cuts[high])


def _goes_wrong(work: Callable[[], bytes], *, fails: bool) -> bool:
    """Whether a part goes wrong: it dies, raises or hangs; or else it differs."""
    verdict = forking.run(work, _LIMITS).content
    return verdict != _GOOD if fails else verdict == _BAD


class _Part:
    """The program up to one op, as an export of its own."""

    def __init__(self, program: Pieces, last: int, directory: Path) -> None:
        self._program = program
        self._last = last
        self._directory = directory

    def verdict(self, engine: Engine, request: Request, order: Sequence[Case]) -> bytes:
        """Serve it. Anything that is raised, or that ends the process, is a failure."""
        path = self._directory / "part"
        fetched = self._program.save(self._last, str(path))
        model = path
        if engine.format == "onnx":
            model = path.with_suffix(".onnx")
            paddle2onnx.convert(path, model)
            if not request.loads:
                return _GOOD
        session = engine.load(model, request.variant)
        wanted = set(session.inputs())
        for case in order:
            given = {name: array for name, array in case.items() if name in wanted}
            if request.fails:
                session.run(given)
            elif not self._runs_the_same(session, given, case, fetched):
                return _BAD
        return _GOOD

    def _runs_the_same(self, session: Session, given: Case, case: Case, fetched: Sequence[tuple[int, int]]) -> bool:
        """Whether it gives what Paddle's plain executor does. Where the whole gives something else, a part may fail: no engine optimizes its outputs away."""
        try:
            came = session.run(given)
        except Exception:  # any: this is the question
            return False
        return self._same(case, fetched, came)

    def _same(self, case: Case, fetched: Sequence[tuple[int, int]], came: Sequence[Any]) -> bool:
        """Whether it gives what Paddle's plain executor does."""
        expected = self._program.run(self._last, fetched, case)
        return len(expected) == len(came) and all(map(tolerance.served_alike, expected, came))
