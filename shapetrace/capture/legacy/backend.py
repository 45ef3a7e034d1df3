"""The backend for the programs of Paddle 2.6, which are blocks of named variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapetrace.capture import identity, layer_paths
from shapetrace.capture.legacy import probes, program
from shapetrace.capture.probes.conversions import watch_conversions
from shapetrace.capture.probes.shapes import Getter, watch_shapes
from shapetrace.capture.recorded import Recorded
from shapetrace.capture.shapes import inference
from shapetrace.said import Sentence

if TYPE_CHECKING:
    from shapetrace.capture.listener import Listener, Probe
    from shapetrace.capture.source.sites import Sites
    from shapetrace.patching import Transaction
    from shapetrace.trace import Conversion


class Legacy:
    """See `shapetrace.capture.backend.Backend`."""

    def __init__(self) -> None:
        self._shape_of: Getter = lambda value: value.shape
        self.always: tuple[Probe, ...] = (probes.call_stacks, self._shapes, probes.operations, self._conversions)
        self.during: tuple[Probe, ...] = (probes.stacks, probes.tensors, probes.layers)

    def knows(self, program: Any) -> bool:
        """Whether it is a program of 2.6."""
        return not identity.is_pir_program(program)

    def record(self, built: Any, conversion: Conversion, sites: Sites) -> Recorded:
        """See `program.record`."""
        return program.record(built, conversion, sites, self._shape_of)

    def infer(
        self, program: Any, conversion: Conversion, recorded: Recorded, cpu: float, ended: str, *, check: bool
    ) -> list[Sentence]:
        """Fitted: there is no pass, and so nothing to check."""
        return inference.of_legacy(program, conversion, recorded, cpu)

    def number_layers_anew(self) -> None:
        """We keep the numbers, as this Paddle does not."""
        layer_paths.begin()

    def _shapes(self, listener: Listener, transaction: Transaction) -> None:
        from paddle.static import Variable

        self._shape_of = watch_shapes(listener, transaction, Variable)

    def _conversions(self, listener: Listener, transaction: Transaction) -> None:
        watch_conversions(listener, transaction, "from_func_spec")
