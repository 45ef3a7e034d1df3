"""Runs pieces of work each in a forked process of its own, with limits, and tells what they return as JSON.

A fork costs a tenth of importing Paddle anew, and a conversion that kills its process takes no other with it.
"""

from __future__ import annotations

import faulthandler
import functools
import gc
import json
import os
import resource
import signal
import tempfile
import traceback
from collections.abc import Callable
from typing import IO, Any

import paddle

import shapetrace
import shapetrace.symbolic.algebra  # with sympy

CPU = 120
"""Seconds of processor that a piece of work may use."""
HUNG = 900
"""Seconds after which it is taken for one that waits for ever."""
MEMORY = 6 << 30  # bytes


def run(name: str, work: Callable[[], dict[str, Any]]) -> None:
    """Print `work()` with its name as a line of JSON, or how the process died. What it raised is on stderr."""
    warm()
    print(json.dumps({"name": name, **ask(work)}), flush=True)


@functools.cache
def warm() -> None:
    """Have imported and cached what the first conversion of a process imports and caches, for all pieces of work at once.

    Paddle lists all functions of NumPy's, and imports more of NumPy for that; it is half of what a small conversion takes.
    """
    spec = [paddle.static.InputSpec([-1, 2], "float32")]
    with paddle.utils.unique_name.guard(), shapetrace.watch():
        _ = paddle.jit.to_static(_quadruple, input_spec=spec, full_graph=True).concrete_program
    gc.freeze()  # or each fork's collector would write to all of it, and so copy it


def _double(x: Any) -> Any:
    return x + x


def _quadruple(x: Any) -> Any:
    return _double(_double(x))


def ask(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """`work()`, or `died` with the status that its process ended with, and the `stack` that it died in. What it raised is on stderr."""
    with tempfile.TemporaryFile("w+") as stack:
        told = _asked(work, stack)
        if "died" in told:
            stack.seek(0)
            told["stack"] = stack.read()
        return told


def _asked(work: Callable[[], dict[str, Any]], stack: IO[str]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        faulthandler.enable(stack)
        signal.alarm(HUNG)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        code = 1
        try:
            with os.fdopen(writing, "w", encoding="utf-8") as pipe:
                json.dump(work(), pipe)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        return {"died": status}
    told: dict[str, Any] = json.loads(answer)
    return told
