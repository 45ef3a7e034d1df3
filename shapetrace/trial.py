"""Runs the model of a conversion that has failed as it stands, in dygraph, to tell whether the model itself fails.

That happens once the watch has closed, and only where nothing else explains the failure. It is done in a forked process with a limit on
time and memory, with inputs drawn at random at small sizes; whatever the model prints, changes, hangs in or dies of stays there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from shapetrace import forking
from shapetrace.capture.source import frames
from shapetrace.patching import Transaction
from shapetrace.probing import plain_dygraph
from shapetrace.trace import InDygraph, Site

if TYPE_CHECKING:
    from shapetrace.capture.model import Model

LIMITS = forking.Limits(seconds=20.0, cpu=20.0, memory=2 << 30)
"""What it may use."""
_ENOUGH = LIMITS.seconds / 4
"""Seconds after which what is known is told, for another attempt may take longer than there is time."""
_ATTEMPTS = ((2, 64), (1, 32), (2, 224))
"""The size of unknown first axes, and of other unknown axes: those that the strides of image models divide."""
_LARGER = ((1, 320), (1, 640))
"""Others, for a model that refuses all of these before it comes to the line in question: detectors may be of one size."""


def begin(model: Model, line: Site | None) -> forking.Task | None:
    """Begin to run a model.

    Args:
        model: What was converted.
        line: The user's line at which its conversion failed.

    Returns:
        None where it cannot be run apart: in static mode, or on a device that a forked process cannot use.

    Raises:
        OSError: There is no room for another process.
    """
    import paddle

    if not (forking.possible() and paddle.in_dynamic_mode() and paddle.device.get_device() == "cpu"):
        return None
    return forking.Task(lambda: msgspec.msgpack.encode(_tried(model, line)), LIMITS)


def outcome(task: forking.Task, seconds: float) -> InDygraph | None:
    """What came of it, or None: it has not ended, has died, or tells nothing."""
    content = task.outcome(seconds).content
    return msgspec.msgpack.decode(content, type=InDygraph | None) if content else None


def _tried(model: Model, line: Site | None) -> InDygraph | None:
    """The first run that works, else the first that fails at the line that the conversion failed at.

    What fails elsewhere tells nothing: the model may only refuse the size.
    """
    import paddle

    paddle.base.core.set_num_threads(1)  # a pool of threads does not live on in a fork
    failed: list[InDygraph] = []
    tried: set[str] = set()
    began = time.monotonic()
    for first, other in (*_ATTEMPTS, *_LARGER):
        if failed and ((first, other) in _LARGER or time.monotonic() - began > _ENOUGH):
            break
        with plain_dygraph(), paddle.no_grad(), _unconverted():
            arguments, inputs = _filled([list(model.input_spec), dict(model.keywords)], first, other)
            if inputs in tried:
                continue
            tried.add(inputs)
            try:
                model.call(*arguments)
                return InDygraph(True, inputs)
            except Exception as error:
                if _is_at(error, line):
                    failed.append(InDygraph(False, inputs, f"{type(error).__name__}: {error}"))
    return failed[0] if failed else None


@contextmanager
def _unconverted() -> Iterator[None]:
    """What `to_static` has decorated runs as if it had not."""
    from paddle.jit.dy2static.program_translator import ProgramTranslator

    with (transaction := Transaction()):
        transaction.set(ProgramTranslator(), "enable_to_static", False)
    try:
        yield
    finally:
        transaction.undo()


def _filled(structure: Any, first: int, other: int) -> tuple[Any, str]:
    """The input spec with a tensor in the place of each spec, and the shapes of those in words."""
    import paddle

    shapes: list[str] = []

    def tensor(spec: Any) -> Any:
        if not (hasattr(spec, "shape") and hasattr(spec, "dtype")):
            return spec
        shape = [
            size if size >= 0 else (first if axis == 0 else other) for axis, size in enumerate(map(int, spec.shape))
        ]
        shapes.append(f"{spec.name or 'input'} [{', '.join(map(str, shape))}]")
        return _random(paddle, shape, spec.dtype)

    flat = [tensor(leaf) for leaf in paddle.utils.flatten(structure)]
    return paddle.utils.pack_sequence_as(structure, flat), ", ".join(shapes)


def _random(paddle: Any, shape: Sequence[int], dtype: Any) -> Any:
    name = str(dtype).rpartition(".")[2].lower()
    if "float" in name:
        return paddle.uniform(shape, "float32", 0.5, 1.5).astype(name)
    return paddle.ones(shape, "int64").astype(name)


def _is_at(error: Exception, line: Site | None) -> bool:
    """Whether an exception was raised at the user's line."""
    places = (place for _, place in frames.traceback_frames(error.__traceback__) if frames.is_users(place.kind))
    place = next(places, None)
    if place is None or line is None:
        return False
    return place.code.co_filename == line.file and line.line <= place.line <= max(line.line, line.end_line)
