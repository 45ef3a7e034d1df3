"""See the package. Prints a line of JSON for each scenario."""

from __future__ import annotations

import functools
import gc
import inspect
import json
import linecache
import os
import shutil
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "remedies" / "faults" / "acme_like"), str(ROOT.parent / "plugins" / "ppdet_like")]

import paddle  # noqa: E402  what it imports is found only now

import forked  # noqa: E402
import shapetrace  # noqa: E402
from remedies.faults.snapshot import Snapshot  # noqa: E402
from saved_files import digests  # noqa: E402
from shapetrace.capture.source import frames  # noqa: E402

from .inject import Fault, Injected, Key, Seen  # noqa: E402
from .models import SCENARIOS  # noqa: E402

BY_HAND = "capture/probes/by_hand.py"
"""Its functions run in every scenario, and do something in one."""


def outcome(work: Callable[[Path], Any], watch: Any) -> dict[str, Any]:
    """What a piece of work comes to for its user: its result, its files, or its exception."""
    process, directory = os.getpid(), tempfile.mkdtemp()
    told: dict[str, Any] = {}
    try:
        try:
            with paddle.utils.unique_name.guard(), watch:
                told["result"] = work(Path(directory))
        except Injected:
            raise
        except Exception as error:
            told["error"] = [type(error).__name__, str(error)]
        told["files"] = digests(directory, above=__file__)
        return told
    finally:
        if os.getpid() == process:  # a fork that the watch closes in leaves it to the next one
            shutil.rmtree(directory)


def watched(name: str, profile: Any, closing: Callable[[], Any] = lambda: None) -> dict[str, Any]:
    """The outcome of a scenario under watch, with what `profile` does, what was noted, and what is left behind.

    Args:
        name: Of the scenario.
        profile: Python's profiler for as long as the watch is open, and while it closes.
        closing: Called right before it closes; what it returns is the profiler from there on, if anything.
    """
    work, asked = SCENARIOS[name]

    class Watched(shapetrace.watch):
        trace: shapetrace.Trace

        def __enter__(self) -> shapetrace.Trace:
            self.trace = super().__enter__()
            sys.setprofile(profile)
            return self.trace

        def __exit__(self, *raised: Any) -> None:
            sys.setprofile(None)
            sys.setprofile(closing() or profile)
            try:
                super().__exit__(*raised)
            finally:
                sys.setprofile(None)

    watch = Watched(**asked)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        told = outcome(work, watch)
    left = BEFORE.differences() + [name for name, (module, own) in LIBRARY.items() if getattr(module, name) is not own]
    notes = [
        *watch.trace.notes,
        *(conversion.symbolic_error for conversion in watch.trace.conversions if conversion.symbolic_error),
        *(str(warning.message) for warning in warned if "shapetrace" in str(warning.message)),
    ]
    return {"outcome": told, "notes": notes, "left": left, "findings": len(watch.trace.findings)}


def plain(name: str) -> dict[str, Any]:
    """The outcome of a scenario without a watch."""
    return {**outcome(SCENARIOS[name][0], nullcontext()), "left": BEFORE.differences()}


def looked_over(name: str) -> dict[str, Any]:
    """The same under watch, with the functions of shapetrace's that run."""
    seen = Seen()
    told = watched(name, seen, seen.closing)
    return {**told, "inside": seen.inside, "late": seen.late, "entry_points": seen.entry_points}


def faulty(name: str, wanted: Key, event: str) -> dict[str, Any]:
    """The same with a fault while the watch is open."""
    fault = Fault(wanted, event)
    told = watched(name, fault)
    return {**told, "raised": fault.raised}


def faulty_closings(name: str, all_wanted: list[Key]) -> dict[str, Any]:
    """The same with faults while the watch closes, which it does once in a process for each."""
    answers: dict[str, Any] = {}
    mine: list[Fault] = []

    class Parent(BaseException):
        """Leaves the process that forked off all others."""

    def closing() -> Fault:
        for position, wanted in enumerate(all_wanted):
            reading, writing = os.pipe()
            if os.fork() == 0:
                mine.append(Fault(wanted, "call"))
                pipes.append(writing)
                return mine[0]
            os.close(writing)
            with os.fdopen(reading, encoding="utf-8") as pipe:
                answers[str(position)] = json.loads(pipe.read() or '{"died": -1}')
            os.wait()
        raise Parent

    pipes: list[int] = []
    try:
        told = watched(name, None, closing)
    except Parent:
        return answers
    with os.fdopen(pipes[0], "w", encoding="utf-8") as pipe:
        json.dump({**told, "raised": mine[0].raised}, pipe)
    os._exit(0)


MADE_GOOD = {
    ("patching.py", "undo"),
    ("patching.py", "<dictcomp>"),
    ("patching.py", "<listcomp>"),
    ("capture/source/frames.py", "_without_own"),
}
"""Where a fault is made good at once and leaves nothing to tell: undoing is tried again, and a frame stays in a traceback."""
LATE = ("another process has started it", "it was cut short after")
"""What a trace says of symbolic shapes where the watch closes in a fork of the process that converted, as it does here, and where
the machine is busy."""


def wrong(told: dict[str, Any], sound: dict[str, Any], want: dict[str, Any]) -> str:
    """What a fault did that it must not; empty if it did nothing of the kind."""
    if "died" in told:
        return f"died: {told['died']}"
    if not told["raised"]:
        return "nothing was raised"
    if told["outcome"] != want:
        return f"another outcome: {told['outcome']}"
    if told["left"]:
        return f"left changed: {told['left'][:5]}"
    named = [note for note in told["notes"] if "Injected" in note]
    if len(named) > 1:
        return f"named more than once: {named}"
    others = [note for note in told["notes"] if note not in named and note not in sound["notes"]]
    others = [note for note in others if not any(late in note for late in LATE)]
    return f"other notes: {others}" if others else ""


def forget() -> None:
    """Empty the caches of shapetrace's, so that what fills them runs."""
    for thing in gc.get_objects():
        if isinstance(thing, functools._lru_cache_wrapper) and str(thing.__module__).startswith("shapetrace"):
            thing.cache_clear()
    frames._kinds.clear()


def main(names: list[str]) -> None:
    """Look each scenario over, and then raise in each function in the first scenario that it runs in."""
    done: set[Key] = set()
    for name in names or SCENARIOS:
        want = forked.ask(partial(plain, name))
        sound = forked.ask(partial(looked_over, name))
        left = want.pop("left", [])
        sound["left"] = [change for change in sound["left"] if change not in left]
        report: dict[str, Any] = {"name": name, "functions": 0, "cases": 0, "unnamed": [], "wrong": {}}
        if sound["outcome"] != want or sound["left"]:
            report["wrong"]["no fault"] = [sound["left"], sound["outcome"], want]
        inside, late = (
            [tuple(found) for found in sound[part] if tuple(found) not in done or found[0] == BY_HAND]
            for part in ("inside", "late")
        )
        done.update(inside, late)
        report["functions"] = len(inside) + len(late)
        report["entry_points"] = sound["entry_points"]
        good = {f"call of {found}" for found in inside if found[:1] + found[2:] in MADE_GOOD}
        cases = {f"call of {found}": forked.ask(partial(faulty, name, found, "call")) for found in inside}
        closings = forked.ask(partial(faulty_closings, name, late))
        cases |= {f"closing, call of {found}": closings.get(str(at), {"died": 0}) for at, found in enumerate(late)}
        for case, told in cases.items():
            told["left"] = [change for change in told.get("left", ()) if change not in left]
            report["cases"] += 1
            if said := wrong(told, sound, want):
                report["wrong"][case] = said
            elif case not in good and not any("Injected" in note for note in told["notes"]):
                report["unnamed"].append(case)
        print(json.dumps(report), flush=True)


for _name in SCENARIOS:  # what Paddle and we import and cache at first
    outcome(SCENARIOS[_name][0], shapetrace.watch(**SCENARIOS[_name][1]))
forget()
gc.collect()
gc.freeze()
BEFORE = Snapshot()
LIBRARY = {
    "checkcache": (linecache, linecache.checkcache),
    "extract_stack": (traceback, traceback.extract_stack),
    "getsourcelines": (inspect, inspect.getsourcelines),
}
main(sys.argv[1:])
