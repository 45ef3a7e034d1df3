"""Starts the process in which an engine runs, and says how it ended.

A new Python, not a fork: an engine starts threads, and what a fork of a process with threads does to them is nobody's
promise. It may crash, exit or hang; what it had done until then is read from a file.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from shapetrace.forking import Limits
from shapetrace.said import Sentence, said

LIMITS = Limits(seconds=900.0, cpu=900.0 * (os.cpu_count() or 1), memory=16 << 30)
"""What one step may use: a detector at several sizes takes minutes on a small machine."""
_GRACE = 20.0  # seconds beyond that, for a process that does not end by itself

Step = Literal["convert", "run", "locate", "shapes", "values", "raise"]


class Request(msgspec.Struct, kw_only=True):
    """What is to be done in the process."""

    step: Step
    engine: str = ""
    export: str
    """As given to `paddle.jit.save`."""
    model: str = ""
    """What the engine loads: the same, or the ONNX file."""
    cases: tuple[str, ...] = ()
    """Files of inputs, one a choice of sizes."""
    orders: tuple[tuple[int, ...], ...] = ()
    """In which order these are run; one session an order."""
    names: tuple[str, ...] = ()
    """For `shapes` and `values`: tensors of the ONNX file, in the order in which they are computed."""
    variant: str = ""
    fails: bool = False
    """For `locate`: whether the op that fails is looked for, or the one that differs."""
    loads: bool = True
    """For `locate`: whether the engine is to load the parts, and not only the converter to take them."""
    op: int = -1
    """For `raise`: the op of the program up to which Paddle's executor runs it."""
    answer: str = ""
    limits: Limits = LIMITS


class Note(msgspec.Struct, omit_defaults=True):
    """One thing that the process tells."""

    at: Literal["load", "run", "done", "error", "found", "tried"]
    order: int = -1
    case: int = -1
    files: str = ""
    """Where the outputs are."""
    says: str = ""
    op: int = -1
    """Of what was looked for: its index in the program that was exported."""


class Answer(msgspec.Struct):
    """How a process ended, and what it had told."""

    notes: list[Note]
    output: str
    """What it printed."""
    how: Sentence = ""
    """How it ended, where it was not by itself: `SIGABRT`."""

    @property
    def ended_well(self) -> bool:
        """Whether it did all that it was asked to."""
        return bool(self.notes) and self.notes[-1].at == "done"

    @property
    def error(self) -> str:
        """What was raised; empty where nothing was."""
        return next((note.says for note in self.notes if note.at == "error"), "")

    def at(self, kind: str) -> list[Note]:
        """What was told of one kind."""
        return [note for note in self.notes if note.at == kind]


def ask(request: Request, directory: Path) -> Answer:
    """Have something done in a process of its own, and wait for it.

    Args:
        request: What.
        directory: Where files may be written; the process runs in it.
    """
    number, answer = tempfile.mkstemp(".jsonl", f"{request.step}-", directory)
    os.close(number)
    request.answer = answer
    asked, printed = Path(f"{answer}.request"), Path(f"{answer}.printed")
    asked.write_bytes(msgspec.json.encode(request))
    command = [sys.executable, "-m", "shapetrace.verify.engines.child", str(asked)]
    with printed.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=_environment(request, directory),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            code: int | None = process.wait(request.limits.seconds + _GRACE)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            process.kill()
            process.wait()
    notes = _notes(Path(answer).read_bytes().splitlines())
    return Answer(notes, printed.read_text("utf-8", "replace"), _how(code, request.limits))


def _environment(request: Request, directory: Path) -> dict[str, str]:
    """That of this process, with shapetrace importable as it is here. What is killed leaves its temporary files in a directory that is removed."""
    above = str(Path(__file__).parents[3])
    path = os.pathsep.join(filter(None, [above, os.environ.get("PYTHONPATH", "")]))
    level = "1" if request.step == "raise" else "2"  # with Paddle's warnings, or its errors only
    ours = {"PYTHONPATH": path, "TMPDIR": str(directory), "PIP_NO_INDEX": "1", "GLOG_minloglevel": level}
    return {**os.environ, **ours}


def _notes(lines: Iterable[Any]) -> list[Note]:
    """What was told; a process that dies may leave half a line."""
    found = []
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=Note))
        except msgspec.DecodeError:
            break
    return found


def _how(code: int | None, limits: Limits) -> Sentence:
    if code == 0:
        return ""
    if code is None or -code in (getattr(signal, "SIGALRM", 0), getattr(signal, "SIGPROF", 0)):
        return said("it did not end within {} s", f"{limits.seconds:.0f}")
    if code < 0:
        return said("it died of {}", signal.Signals(-code).name)
    return said("it ended the process with exit code {}", code)
