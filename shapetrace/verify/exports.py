"""Remembers what a script exports with `paddle.jit.save`, so that it can be verified once the script has ended.

For `shapetrace run` with a remedy: a repaired export that computes something else would be worse than one that fails.
Verifying waits for the end of the script, when its remedies are taken back, so that the model is compared as it is, and
so that nothing of it happens in the middle of the script's own work.
"""

from __future__ import annotations

import functools
import glob
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapetrace.capture import builders
from shapetrace.dims import Dims
from shapetrace.errors import UsageError
from shapetrace.patching import Transaction
from shapetrace.trace import Trace, Verified
from shapetrace.verify import sizes as choosing
from shapetrace.verify.results import Verification
from shapetrace.verify.running import verify

_RUNS = 2  # of the usual sizes: enough to see that they may change


@dataclass(frozen=True)
class Export:
    """One call of `paddle.jit.save`."""

    layer: Any
    path: str
    input_spec: Sequence[Any]
    state: int
    """Checksum of its parameters and buffers at that time."""


class Exports:
    """The exports of a script, in order."""

    def __init__(self) -> None:
        self.made: list[Export] = []
        self._converted: dict[int, tuple[Any, Sequence[Any]]] = {}
        self._transaction = Transaction()

    def install(self) -> None:
        """Begin to listen. Paddle must have been imported."""
        import paddle
        from paddle.jit import api

        with self._transaction:
            builders.wrap(self._transaction, self._builder)
            save = self._saver(api.save)
            for module in (api, paddle.jit):
                self._transaction.set(module, "save", save)

    def remove(self) -> None:
        """Stop listening."""
        self._transaction.undo()

    def verified(self, trace: Trace, dims: Dims) -> list[Verified]:
        """Verify each export.

        Args:
            trace: The trace of the watch in which they were made.
            dims: Names for the axes of inputs; what is no input of an export is left out for that export.
        """
        return [_verified(export, trace, dims) for export in self.made]

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


def _verified(export: Export, trace: Trace, dims: Dims) -> Verified:
    import paddle

    model = type(export.layer).__name__
    reason = ""
    if not glob.glob(f"{glob.escape(export.path)}.*"):
        reason = "the export is gone"
    elif _checksum(export.layer) != export.state:
        reason = "the model's parameters have changed since"
    elif not paddle.in_dynamic_mode():
        reason = "the script has left dygraph mode"
    if reason:
        return Verified(model, export.path, None, (f"not verified: {reason}",))
    try:
        result = _run(export, trace, dims)
    except (UsageError, KeyboardInterrupt) as error:
        return Verified(model, export.path, None, (f"not verified: {error or 'interrupted'}",))
    return Verified(
        model, export.path, result.ok if result.compared else None, tuple(result.text().rstrip().splitlines())
    )


def _checksum(layer: Any) -> int:
    """Of all parameters and buffers. Paddle's own counter of writes misses `set_value`."""
    return functools.reduce(
        lambda known, tensor: zlib.crc32(tensor.numpy().tobytes(), known), layer.state_dict().values(), 0
    )


def _run(export: Export, trace: Trace, dims: Dims) -> Verification:
    import paddle

    flat = [each for each in paddle.utils.flatten(list(export.input_spec)) if choosing.is_input(each)]
    names = {spec.name for spec in choosing.specs(flat, None)}
    known = {name: axes for name, axes in dims.items() if name in names}
    return verify(export.layer, export.input_spec, dims=known, exported=export.path, trace=trace, runs=_RUNS)
