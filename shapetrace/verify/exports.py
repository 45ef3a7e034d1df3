"""Remembers what a script exports with `paddle.jit.save`, so that it can be verified once the script has ended.

For `shapetrace run` with a remedy: a repaired export that computes something else would be worse than one that fails.
Verifying waits for the end of the script, when its remedies are taken back, so that the model is compared as it is, and
so that nothing of it happens in the middle of the script's own work.
"""

from __future__ import annotations

import functools
import glob
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shapetrace.capture.probes import conversions
from shapetrace.claims import Dims
from shapetrace.errors import ShapetraceError
from shapetrace.patching import Transaction
from shapetrace.reports.translations import worded
from shapetrace.said import Sentence, of_error, said
from shapetrace.trace import Served, ServedAt, Trace, Verified
from shapetrace.verify import sizes as choosing
from shapetrace.verify.document import jit_load
from shapetrace.verify.dygraph import first_line
from shapetrace.verify.results import Cell, Engine, Place, Verification, written
from shapetrace.verify.running import verify

_RUNS = 2  # of the usual sizes: enough to see that they may change

Progress = Callable[[str], None]
Found = Callable[[Verification], None]


@dataclass(frozen=True)
class Export:
    """One call of `paddle.jit.save`."""

    layer: Any
    path: str
    input_spec: Sequence[Any]
    state: int
    """Checksum of its parameters and buffers at that time."""


class Exports:
    """The exports of a script, in order.

    Args:
        options: For a watch in which an export is made again whose files are gone, as paddle2onnx deletes them.
    """

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        self.made: list[Export] = []
        self.engines: Sequence[str] = ()
        """Further engines than `jit.load` to verify them in."""
        self.known: Callable[[list[Verified]], None] = lambda _: None
        """Told what is known while an export is being verified: looking for an op may take longer than the process has."""
        self._options = dict(options or {})
        self._converted: dict[int, tuple[Any, Sequence[Any]]] = {}
        self._transaction = Transaction()

    def install(self) -> None:
        """Begin to listen. Paddle must have been imported."""
        import paddle
        from paddle.jit import api

        with self._transaction:
            conversions.wrap(self._transaction, self._builder)
            save = self._saver(api.save)
            for module in (api, paddle.jit):
                self._transaction.set(module, "save", save)

    def remove(self) -> None:
        """Stop listening."""
        self._transaction.undo()

    def verified(self, trace: Trace, dims: Dims, progress: Progress | None = None) -> list[Verified]:
        """Verify each export. Ctrl-C ends it, and says so of those of which nothing is known to be wrong.

        Args:
            trace: The trace of the watch in which they were made.
            dims: Names for the axes of inputs; what is no input of an export is left out for that export.
            progress: Told what is done next.
        """
        results: list[Verified] = []
        interrupted = False
        wrong: list[Verified] = []

        def found(export: Export, result: Verification) -> None:
            wrong[:] = [_outcome(type(export.layer).__name__, export, result)]
            self.known([*results, *wrong])

        for export in self.made:
            wrong.clear()
            model = type(export.layer).__name__
            saying = _saying(progress, worded("verifying {} ({})", model, export.path))
            try:
                if interrupted:
                    raise KeyboardInterrupt
                results.append(self._verified(export, trace, dims, saying, functools.partial(found, export)))
            except KeyboardInterrupt:
                interrupted = True
                results += wrong or [_not_verified(model, export, said("interrupted"))]
            except Exception as fault:  # the others are verified all the same
                results.append(_not_verified(model, export, said("a fault of shapetrace's own: {}", repr(fault))))
        return results

    def _verified(self, export: Export, trace: Trace, dims: Dims, progress: Progress, found: Found) -> Verified:
        import paddle

        model = type(export.layer).__name__
        if _checksum(export.layer) != export.state:
            return _not_verified(model, export, said("the model's parameters have changed since"))
        if not paddle.in_dynamic_mode():
            return _not_verified(model, export, said("the script has left dygraph mode"))
        gone = not glob.glob(f"{glob.escape(export.path)}.*")
        try:
            if not gone:
                result = self._run(export, trace, dims, progress, found)
            else:
                progress(worded("exporting again"))
                with tempfile.TemporaryDirectory(prefix="shapetrace-") as directory:
                    again = replace(export, path=f"{directory}/model")
                    result = self._run(again, self._again(again), dims, progress, found)
        except ShapetraceError as error:
            return _not_verified(model, export, of_error(error))
        except Exception as error:
            if not gone:
                raise
            return _not_verified(
                model, export, said("its files are gone, and made again it fails: {}", first_line(error))
            )
        return _outcome(model, export, result, worded(" (made again for this, as its files are gone)") if gone else "")

    def _run(self, export: Export, trace: Trace, dims: Dims, progress: Progress, found: Found) -> Verification:
        import paddle

        flat = [each for each in paddle.utils.flatten(list(export.input_spec)) if choosing.is_input(each)]
        names = {spec.name for spec in choosing.specs(flat, None)}
        return verify(
            export.layer,
            export.input_spec,
            dims={name: axes for name, axes in dims.items() if name in names},
            exported=export.path,
            trace=trace,
            runs=_RUNS,
            engines=self.engines,
            progress=progress,
            found=found,
        )

    def _again(self, export: Export) -> Trace:
        """Make an export once more, with the remedies it was made with."""
        import paddle

        from shapetrace.watch import watch

        with watch(**self._options) as trace:
            paddle.jit.save(export.layer, export.path, input_spec=list(export.input_spec))
        return trace

    def _builder(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def build(func_spec: Any, input_spec: Any, input_kwargs_spec: Any, class_instance: Any, **options: Any) -> Any:
            concrete = function(func_spec, input_spec, input_kwargs_spec, class_instance, **options)
            if class_instance is not None and not input_kwargs_spec:
                self._converted[id(class_instance)] = class_instance, input_spec
            return concrete

        return build

    def _saver(self, function: Callable[..., Any]) -> Callable[..., Any]:
        import paddle

        @functools.wraps(function)
        def save(layer: Any, path: Any, *args: Any, **options: Any) -> Any:
            saved = function(layer, path, *args, **options)
            inner = layer._layers if isinstance(layer, paddle.DataParallel) else layer
            known, input_spec = self._converted.get(id(inner), (None, ()))
            if known is not None:
                self.made.append(Export(inner, str(Path(path).absolute()), input_spec, _checksum(inner)))
            return saved

        return save


def _outcome(model: str, export: Export, result: Verification, remark: str = "") -> Verified:
    """What came of an export; what is told first is the first engine in which it is wrong."""
    first, *others = result.text().rstrip().splitlines()
    lines = (first + remark, *others)
    engine = jit_load(result)
    served = tuple(map(_served, (engine, *result.engines))) if result.engines else ()
    engine = next((each for each in (engine, *result.engines) if each.ok is False), engine)
    if engine.ok:
        return Verified(model, export.path, True, lines, engines=served)
    place = engine.place or Place()
    sizes = tuple(map(written, engine.sizes))
    undecided = any(run.undecided for run in result.runs)
    stage = "model" if engine.ok is None and not undecided else engine.stage or ""
    return Verified(model, export.path, engine.ok, lines, stage, engine.said, place.op, place.site, sizes, served)


def _served(engine: Engine) -> Served:
    place = engine.place or Place()
    cells = engine.cells or [Cell(sizes, engine.ok, engine.said) for sizes in engine.sizes]
    at = tuple(ServedAt(written(cell.sizes), cell.ok, cell.said) for cell in cells)
    return Served(engine.name, engine.ok, engine.stage or "", engine.said, place.op, place.layer, place.site, at)


def _not_verified(model: str, export: Export, reason: Sentence) -> Verified:
    return Verified(model, export.path, None, (worded("not verified: {}", reason),), said=reason)


def _saying(progress: Progress | None, what: str) -> Progress:
    return lambda more: progress(worded("{}: {}", what, more)) if progress is not None else None


def _checksum(layer: Any) -> int:
    """Of all parameters and buffers. Paddle's own counter of writes misses `set_value`."""
    return functools.reduce(
        lambda known, tensor: zlib.crc32(tensor.numpy().tobytes(), known), layer.state_dict().values(), 0
    )
