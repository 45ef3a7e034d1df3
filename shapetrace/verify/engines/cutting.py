"""Finds the op at which an engine fails or differs, by cutting the exported program and serving each part.

A part is all ops up to one, and its outputs are what the ops after it would need: so it fails wherever an op in it does, and its
first wrong value is that of its last op. Each part is served in a process of its own, forked from one that has loaded the
program and nothing else.

An op may fail since it is given something of another shape: then the op that made that is to blame.
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

        def wrong(cut: int, verdict: Callable[[_Part], bytes], *, fails: bool) -> bool:
            with tempfile.TemporaryDirectory(prefix="shapetrace-cut-") as directory:
                part = _Part(program, cut, Path(directory))
                return _goes_wrong(lambda: verdict(part), fails=fails)

        found = _first(
            cuts, lambda cut: wrong(cut, lambda part: part.verdict(engine, request, order), fails=request.fails)
        )
        if found is not None and request.fails and request.loads:
            before = cuts[: cuts.index(found)]
            given = _first(
                before,
                lambda cut: wrong(cut, lambda part: part.shapes(engine, request, (order or [feed])[-1]), fails=False),
            )
            found = found if given is None else given
        return program.behind(found) if found is not None else None


def _first(cuts: Sequence[int], wrong: Callable[[int], bool]) -> int | None:
    """The first cut that goes wrong, where all after it do; None where the last one does not."""
    low, high = 0, len(cuts) - 1
    if high < 0 or not wrong(cuts[high]):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if wrong(cuts[middle]) else (middle + 1, high)
    return cuts[high]


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
        model, fetched = self._made(engine)
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

    def shapes(self, engine: Engine, request: Request, case: Case) -> bytes:
        """Whether what it hands on has the shapes, and as integers the values, that Paddle's plain executor computes."""
        model, fetched = self._made(engine)
        session = engine.load(model, request.variant)
        came = session.run({name: case[name] for name in session.inputs()})
        expected = self._program.run(self._last, fetched, case)
        return _GOOD if all(map(tolerance.fit_alike, expected, came)) else _BAD

    def _made(self, engine: Engine) -> tuple[Path, Sequence[tuple[int, int]]]:
        """What the engine loads, and the outputs."""
        path = self._directory / "part"
        fetched = self._program.save(self._last, str(path))
        if engine.format != "onnx":
            return path, fetched
        model = path.with_suffix(".onnx")
        paddle2onnx.convert(path, model)
        return model, fetched

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
