"""Runs models in dygraph and tells what each line of their source assigns and returns: the shapes of tensors, and numbers.

    python dygraph_lines.py FILE

FILE is a JSON list of jobs, `{"model": "models.branch:healthy", "inputs": [[[2, 3]], [[2, 12]]]}`; printed is, for each, a JSON
line `{"name": …, "runs": [[[file, line, name, [shape or number, …]], …], …]}`, a list for each of the inputs.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import paddle

from shapetrace.annotated.statements import Parsed, parsed
from shapetrace.capture.source import frames


@cache
def source(file: str) -> Parsed:
    return parsed(Path(file).read_text("utf-8"))


def told(value: Any) -> Iterator[Any]:
    """Shapes of the tensors that a value consists of, and its numbers."""
    if isinstance(value, paddle.Tensor):
        yield list(value.shape)
        if value.size <= 8 and value.dtype in (paddle.int32, paddle.int64):
            yield from value.flatten().tolist()
    elif isinstance(value, bool | int):
        yield int(value)
    elif isinstance(value, list | tuple | set):
        for each in value:
            yield from told(each)
    elif isinstance(value, dict):
        yield from told(list(value.values()))


class Listening:
    """Traces the user's functions line by line."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int, str, list[Any]]] = []
        self.line: dict[int, int] = {}

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        file = frame.f_code.co_filename
        if frames.kind(file) is not frames.USER or file.startswith("<"):
            return None
        before = self.line.get(id(frame), 0)
        statement = source(file).at(before)
        if event == "return":
            self.seen.append((file, statement.first, "return", list(told(arg))))
            self.line.pop(id(frame), None)
        elif event in ("line", "call"):
            moved = before and source(file).at(frame.f_lineno).first != statement.first
            for name in statement.targets if moved and not frame.f_code.co_name.startswith("<") else ():
                value: Any = frame.f_locals.get(name.split(".")[0])
                for part in name.split(".")[1:]:
                    value = getattr(value, part, None)
                self.seen.append((file, statement.first, name, list(told(value))))
            self.line[id(frame)] = frame.f_lineno
        return self


def run(name: str, inputs: list[list[list[int]]]) -> dict[str, Any]:
    """What the lines of a model do for each list of the shapes of its inputs."""
    module, _, variant = name.partition(":")
    built = getattr(importlib.import_module(module), variant)()
    layer = built[0] if isinstance(built, tuple) else built
    layer.eval()
    runs = []
    for shapes in inputs:
        listening = Listening()
        given = [paddle.rand(shape) for shape in shapes]
        sys.settrace(listening)
        try:
            layer(*given)
        finally:
            sys.settrace(None)
        runs.append(listening.seen)
    return {"runs": runs}


def main(file: str) -> None:
    """Run from the command line."""
    for job in json.loads(Path(file).read_text("utf-8")):
        print(json.dumps({"name": job["model"], **run(job["model"], job["inputs"])}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
