"""Convert one small function with an unknown batch, in a process of its own, and compare it with dygraph.

The two surveys of this folder ask Paddle hundreds of questions of the form "what happens if this number
is handed to that argument". An answer can be an abort of the process, a conversion that never ends or
gigabytes of memory, so each question gets a forked child with a limit on time and on address space.
Paddle is imported once, by the parent, which never runs an op.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import re
import resource
import select
import signal
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from shapetrace.facts import leaks

SECONDS = 40
"""Of processor, in which a conversion ends on any machine, however busy, if it ends at all."""
HUNG = 1200
"""Seconds after which one that uses no processor is taken to wait for ever."""
ADDRESS_SPACE = 16 << 30
BATCHES = (2, 3)


HIDDEN: dict[str, Callable[..., Any]] = {}
"""What `one`, `two` and `three` run as it stands: Paddle 2.6 rewrites no function that needs one around it."""


def one(a: Any) -> Any:
    """What is converted of a question with one tensor."""
    return HIDDEN["call"](a)


def two(a: Any, b: Any) -> Any:
    """What is converted of a question with two tensors."""
    return HIDDEN["call"](a, b)


def three(a: Any, b: Any, c: Any) -> Any:
    """What is converted of a question with three tensors."""
    return HIDDEN["call"](a, b, c)


class Answer(NamedTuple):
    """What became of one conversion."""

    outcome: str
    """`healthy`, `wrong`, `raises`, `fails-at-run-time`, `aborts`, `never-ends`, or `broken` (the question is no good:
    dygraph itself fails)."""
    detail: str = ""
    """The error's text, or the two shapes that differ."""
    place: str = ""
    """`file:line` of the innermost frame in Paddle's Python code that raised."""
    reads: tuple[str, ...] = ()
    """`function (file:line)` of each line of Paddle's own code that took an unknown dim out of a shape, as a negative int."""


def ask(question: Callable[[], Answer]) -> Answer:
    """Run `question` in a forked child.

    Args:
        question: Makes the conversion and says what it saw.

    Returns:
        Its answer, or `aborts` or `never-ends` where the child died or ran out of time.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        faulthandler.disable()
        try:
            answer = question()
        except BaseException as error:  # the parent must get an answer whatever happened
            answer = Answer("broken", f"{type(error).__name__}: {error}")
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(tuple(answer), pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        ready, _, _ = select.select([pipe], [], [], HUNG)
        if not ready:
            os.kill(child, signal.SIGKILL)
        content = pipe.read()
    _, status = os.waitpid(child, 0)
    if content:
        return Answer(*pickle.loads(content))
    if not ready or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
        return Answer("never-ends", f"no end after {SECONDS} s")
    return Answer("aborts", f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit {status}")


def first_line(error: BaseException) -> str:
    """The line of an error's text that says what is wrong, without Paddle's traceback and hints."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    for line in lines:
        for name in ("Error: ", "Exception: "):
            head, found, tail = line.partition(name)
            if found and " " not in head.replace("(External)", "").strip():
                return tail.strip()[:160]
    return (lines[-1] if lines else type(error).__name__)[:160]


def place_of(error: BaseException) -> str:
    """`paddle/…:line` of the innermost frame of Paddle's Python code, dy2static's own machinery left out."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        found = paddle_line(trace.tb_frame.f_code.co_filename, trace.tb_lineno) or found
        trace = trace.tb_next
    for file, line in re.findall(r'File "([^"]+)", line (\d+)', str(error)):
        found = paddle_line(file, int(line)) or found
    return found


def paddle_line(file: str, line: int) -> str:
    """`paddle/tensor/…py:12`, or nothing for a file that is not Paddle's, or belongs to the conversion itself."""
    _, found, rest = file.partition(f"site-packages{os.sep}paddle{os.sep}")
    if not found or rest.startswith(f"jit{os.sep}"):
        return ""
    return f"paddle/{rest}:{line}"


def convert_and_compare(
    call: Callable[..., Any],
    truth: Callable[..., Any],
    specs: list[Any],
    inputs: Callable[[int], list[Any]],
    shapes_only: bool = False,
    watch_reads: bool = False,
    batches: tuple[int, ...] = BATCHES,
) -> Answer:
    """Convert `call` and compare what it computes with `truth` in dygraph, at each batch size.

    Args:
        call: Run as it stands by the conversion, with the tensors of `specs`.
        truth: The same in dygraph; it gets the batch size first.
        specs: The `InputSpec`s.
        inputs: The tensors for a batch size.
        shapes_only: For random and uninitialised results.
        watch_reads: Record which lines of Paddle read an unknown dim as an int.
        batches: The batch sizes to compare at.

    Returns:
        What became of it.
    """
    import numpy as np
    import paddle

    HIDDEN["call"] = paddle.jit.not_to_static(call)
    forward = (one, two, three)[len(specs) - 1]  # a spec needs a parameter that can be counted

    expected = []
    for batch in batches:
        paddle.seed(1)
        try:
            expected.append(arrays(truth(batch, *inputs(batch))))
        except Exception as error:
            return Answer("broken", f"dygraph: {first_line(error)}", place_of(error))
    reads: dict[str, None] = {}
    converted = paddle.jit.to_static(forward, input_spec=specs, full_graph=True)
    restore = record_reads(reads) if watch_reads else None
    try:
        converted.concrete_program  # noqa: B018 - builds the program
    except Exception as error:
        return Answer("raises", first_line(error), place_of(error), tuple(reads))
    finally:
        if restore:
            restore()
    for batch, wanted in zip(batches, expected, strict=True):
        paddle.seed(1)
        try:
            got = arrays(converted(*inputs(batch)))
        except Exception as error:
            return Answer("fails-at-run-time", first_line(error), place_of(error), tuple(reads))
        for left, right in zip(wanted, got, strict=False):
            if left.shape != right.shape:
                detail = f"shape {list(right.shape)}, should be {list(left.shape)} (batch {batch})"
                return Answer("wrong", detail, "", tuple(reads))
            if not shapes_only and not np.allclose(left, right, rtol=1e-4, atol=1e-4, equal_nan=True):
                return Answer("wrong", f"other values (batch {batch})", "", tuple(reads))
        if len(wanted) != len(got):
            return Answer("wrong", f"{len(got)} results, should be {len(wanted)} (batch {batch})", "", tuple(reads))
    return Answer("healthy", "", "", tuple(reads))


def arrays(result: Any) -> list[Any]:
    """The tensors of a result, as NumPy arrays, in order."""
    if isinstance(result, (list, tuple)):
        return [array for item in result for array in arrays(item)]
    if isinstance(result, dict):
        return arrays(list(result.values()))
    return (
        [result.numpy()] if hasattr(result, "numpy") else [] if result is None else [__import__("numpy").array(result)]
    )


def record_reads(reads: dict[str, None]) -> Callable[[], None]:
    """Note every line of Paddle's own code that takes an unknown dim out of a tensor's shape, as a negative int.

    Asking how many dims there are (`len(x.shape)`) is not taking one.

    Args:
        reads: Gets `function (file:line)` as keys.

    Returns:
        A function that stops it.
    """
    import paddle

    class Shape(paddle.Size):  # type: ignore[misc]
        read_at = ""

        def __getitem__(self, index: Any) -> Any:
            found = super().__getitem__(index)
            if (found < 0) if isinstance(found, int) else any(dim < 0 for dim in list.__iter__(found)):
                self.note()
            return found

        def __iter__(self) -> Any:
            self.note()
            return super().__iter__()

        def __add__(self, other: Any) -> Any:
            return [*self, *other]

        def __mul__(self, times: Any) -> Any:
            return [*self] * times

        def note(self) -> None:
            if self.read_at:
                reads.setdefault(self.read_at)

    cls = paddle.pir.Value
    original = cls.shape

    def shape(self: Any) -> Any:
        found = original.fget(self)
        if all(dim >= 0 for dim in found):
            return found
        result, frame = Shape(found), sys._getframe(1)
        place = paddle_line(frame.f_code.co_filename, frame.f_lineno)
        while frame.f_code.co_name in leaks.COMPREHENSIONS and frame.f_back is not None:
            frame = frame.f_back
        result.read_at = f"{frame.f_code.co_name} ({place})" if place else ""
        return result

    cls.shape = property(shape, original.fset)

    def stop() -> None:
        cls.shape = original

    return stop
