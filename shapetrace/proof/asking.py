"""Exports a layer, derives which sizes the export takes, and has them tried out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from shapetrace.claims import Dims
from shapetrace.errors import PaddleMissingError, UsageError
from shapetrace.proof import proving
from shapetrace.proof.edges import Trial
from shapetrace.reports.translations import worded
from shapetrace.said import said
from shapetrace.sizes import Sizes
from shapetrace.sizes.ranges import Ranges, claimed_by_dims
from shapetrace.trace import Trace
from shapetrace.verify.dygraph import evaluating, first_line
from shapetrace.verify.pair import Pair

_PATIENCE = 60.0
"""Seconds to wait for the symbolic shapes, of which sizes are derived. They may use little of the processor, which takes long where others use it too."""


def sizes(
    layer: Any,
    input_spec: Sequence[Any],
    *,
    dims: Dims | None = None,
    prove: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Sizes:
    """Which sizes the export of a layer takes, and the line that says so.

    Args:
        layer: A `paddle.nn.Layer`. It is exported in evaluation mode, into a directory that is deleted, and is as before afterwards.
        input_spec: As `paddle.jit.save` takes it.
        dims: Names for the axes of inputs, as in `watch`; axes of one name are taken to be equal.
        prove: Run the model and the export at the edges of what is derived, in processes of their own.
        progress: Told what is done next, a few words each time.

    Raises:
        UsageError: The layer cannot be exported, or nothing can be derived from its conversion.
        PaddleMissingError: Paddle is not installed.
    """
    say = progress or (lambda _: None)
    with exporting(layer, input_spec, dims, say) as export:
        return export.proven(say) if prove else export.found


@dataclass(frozen=True)
class Export:
    """An export of a layer, what is derived of it, and what that is proven with."""

    layer: Any
    path: str
    input_spec: Sequence[Any]
    trace: Trace
    found: Sizes

    def proven(self, say: Callable[[str], None], ranges: Ranges | None = None) -> Sizes:
        """What was derived, with whether it was proven by running.

        Args:
            say: Told what is done next.
            ranges: What it is deployed for; without it the ends of what `dims` claim are run.
        """
        return tried(self.layer, self.path, self.input_spec, self.found, say, self._ends(ranges))

    def _ends(self, ranges: Ranges | None) -> list[Trial]:
        """Both ends of all ranges that are claimed, and whether they are derived as taken."""
        from shapetrace.sizes.deriving import Derivation, of_forward

        number = of_forward(self.trace)
        claimed = claimed_by_dims(self.found, self.trace.conversions[number])
        ends = [(place, claim.first, claim.last or claim.first) for place, claim in claimed.items()]
        if ranges is not None:
            ends = [(place, known.min, known.max) for place, known in ranges.axes.items()]
        derivation = Derivation(self.trace, number)
        derivation.sizes(reasons=False)
        usual = self.found.at
        low = {**usual, **{place: first for place, first, _ in ends if place in usual}}
        high = {**usual, **{place: last for place, _, last in ends if place in usual}}
        return [Trial(at, derivation.fits(at)) for at in (low, high) if usual and at != usual]


@contextmanager
def exporting(
    layer: Any, input_spec: Sequence[Any], dims: Dims | None = None, say: Callable[[str], None] = lambda _: None
) -> Iterator[Export]:
    """An export of a layer in evaluation mode, which is deleted on the way out.

    Args:
        layer: The layer.
        input_spec: As `paddle.jit.save` takes it.
        dims: Names for the axes of inputs.
        say: Told what is done next.

    Raises:
        UsageError: It cannot be exported, or nothing can be derived from its conversion.
        PaddleMissingError: Paddle is not installed.
    """
    from shapetrace import probing

    check_paddle()
    with tempfile.TemporaryDirectory(prefix="shapetrace-") as directory, probing.untouched(), evaluating(layer):
        say(worded("exporting"))
        path = f"{directory}/model"
        trace = _watched(layer, path, input_spec, dims)
        yield Export(layer, path, input_spec, trace, of_forward(trace))


def tried(
    layer: Any,
    path: str,
    input_spec: Sequence[Any],
    found: Sizes,
    say: Callable[[str], None],
    ends: Sequence[Trial] = (),
) -> Sizes:
    """What was derived of an export, with whether it was proven by running.

    Args:
        layer: The layer, in evaluation mode.
        path: Where it was exported to.
        input_spec: What it was exported with.
        found: What was derived.
        say: Told what is done next.
        ends: Of the ranges that are claimed.
    """
    try:
        pair = _pair(layer, path, input_spec, found, say)
    except Exception as error:
        return replace(found, unproven=said("it cannot be run: {}", first_line(error)))
    return proving.proven(found, pair, ends=ends)


def exported(layer: Any, input_spec: Sequence[Any], dims: Dims | None = None) -> Trace:
    """The trace of one export of a layer, in evaluation mode, which is deleted.

    Raises:
        UsageError: It cannot be exported.
        PaddleMissingError: Paddle is not installed.
    """
    from shapetrace import probing

    check_paddle()
    with tempfile.TemporaryDirectory(prefix="shapetrace-") as directory, probing.untouched(), evaluating(layer):
        return _watched(layer, f"{directory}/model", input_spec, dims)


def attempted(layer: Any, path: str, input_spec: Sequence[Any], dims: Dims | None = None) -> tuple[Trace, str]:
    """The trace of one export of a layer to a path, and what the export raised; nothing where it did not fail."""
    import paddle

    from shapetrace.watch import watch

    error = ""
    watching = watch(dims=dims)
    watching.patience_for_shapes = _PATIENCE
    with watching as trace:
        try:
            paddle.jit.save(layer, path, input_spec=list(input_spec))
        except Exception as raised:
            error = first_line(raised)
    return trace, error


def refused(layer: Any, error: str) -> UsageError:
    """That a layer cannot be exported, in one sentence."""
    return UsageError(said("{} cannot be exported: {}; `shapetrace run` says why", type(layer).__name__, error))


def of_forward(trace: Trace, near: Mapping[str, int] | None = None) -> Sizes:
    """The derived sizes of `forward`, where several functions of a layer were exported.

    Args:
        trace: The trace.
        near: Sizes to hold axes at where they go together, by their places.
    """
    from shapetrace.sizes import deriving

    return deriving.of_conversion(trace, deriving.of_forward(trace), near)


def _pair(layer: Any, path: str, input_spec: Sequence[Any], found: Sizes, say: Callable[[str], None]) -> Pair:
    import paddle

    loaded = paddle.jit.load(path)
    loaded.eval()
    return proving.paired(layer, loaded, path, input_spec, found, say)


def _watched(layer: Any, path: str, input_spec: Sequence[Any], dims: Dims | None) -> Trace:
    """The trace of one export of a layer to a path.

    Raises:
        UsageError: It cannot be exported.
    """
    trace, error = attempted(layer, path, input_spec, dims)
    if error:
        raise refused(layer, error)
    return trace


def check_paddle() -> None:
    """See that Paddle can be imported.

    Raises:
        PaddleMissingError: It cannot.
    """
    try:
        import paddle  # noqa: F401 - whether it can be
    except ImportError as error:
        raise PaddleMissingError(
            said("Paddle cannot be imported ({}): install shapetrace[cpu] or shapetrace[gpu]", error)
        ) from None
