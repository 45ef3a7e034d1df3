"""Runs cases one after the other in this process, and prints a line of JSON for each with all that a user can see of it.

    python -m plain_exports plain|watched CASE …

Two such processes, one of each kind, must print the same: a watch changes no file, no text and no name, nor those of anything
that comes after it.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import paddle

import shapetrace
from plain_exports import converted, exported, said
from saved_files import digests
from versions import LEGACY

CASES: dict[str, Callable[[str], Any]] = {**exported.CASES, **converted.CASES, **said.CASES}

_TEMPORARY = re.compile(r"(to_static_tmp/)[^\"\s]+")


def main(mode: str, *names: str) -> None:
    for name in names or CASES:
        seen = _seen(CASES[name], watched=mode == "watched")
        sys.stdout.flush()
        print(json.dumps({"name": name, **seen}), flush=True)


def _seen(case: Callable[[str], Any], watched: bool) -> dict[str, Any]:
    paddle.seed(7)
    printed, logged = io.StringIO(), _Logged()
    raised, result, notes = "", None, []
    with tempfile.TemporaryDirectory() as directory, _heard(logged), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                with shapetrace.watch() if watched else contextlib.nullcontext() as trace:
                    result = case(directory)
            except Exception as error:
                error.__notes__ = []  # the diagnosis is ours by contract
                raised = "".join(traceback.format_exception(error))
        files = digests(directory, __file__)
    if watched:
        notes = [note for note in trace.notes if not note.startswith("SOT converted part")]
    return {
        "files": files,
        "raised": _plain(raised, directory),
        "result": _plain_in(result, directory),
        "printed": _plain(printed.getvalue(), directory),
        "logged": [_plain(line, directory) for line in logged.lines],
        "warned": [
            _plain(f"{entry.message} ({entry.category.__name__} at {entry.filename}:{entry.lineno})", directory)
            for entry in warned
        ],
        "next": _next_names(),
        "notes": notes,
    }


class _Logged(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.levelname} {record.pathname}:{record.lineno} {record.getMessage()}")


@contextlib.contextmanager
def _heard(handler: logging.Handler) -> Iterator[None]:
    """Hear what Paddle logs; shapetrace's own log is its own."""
    loggers = [logging.getLogger(name) for name in ("paddle", "root", None) if name is None or "shapetrace" not in name]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


def _plain(text: str, directory: str) -> str:
    """A text without what Paddle leaves to chance."""
    text = _TEMPORARY.sub(r"\1…", text.replace(directory, "<out>"))
    return re.sub(r"0x[0-9a-f]{8,}", "0x…", text)


def _plain_in(value: Any, directory: str) -> Any:
    """The same of all texts in a value."""
    if isinstance(value, dict):
        return {key: _plain_in(item, directory) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_in(item, directory) for item in value]
    return value if isinstance(value, int | float | bool) or value is None else _plain(str(value), directory)


def _next_names() -> list[Any]:
    """What the next things made in this process are called: counters that a watch must leave alone."""
    names: list[Any] = [paddle.utils.unique_name.generate("probe"), paddle.nn.Linear(1, 1).full_name()]
    if not LEGACY:
        program = paddle.static.Program()
        with paddle.pir_utils.IrGuard(), paddle.static.program_guard(program):
            names.append(paddle.static.data("probe", [1]).get_defining_op().id())  # ops are counted in all the process
    return names


if __name__ == "__main__":
    main(*sys.argv[1:])
