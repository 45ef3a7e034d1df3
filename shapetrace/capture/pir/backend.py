"""The backend for the programs of Paddle 3.x, which are PIR."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapetrace.capture import identity
from shapetrace.capture.pir import probes, program
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


class Pir:
    """See `shapetrace.capture.backend.Backend`."""

    def __init__(self) -> None:
        self._shape_of: Getter = lambda value: value.shape
        self.always: tuple[Probe, ...] = (self._shapes, self._conversions)
        self.during: tuple[Probe, ...] = (probes.operations, probes.tensors)

    def knows(self, program: Any) -> bool:
        """Whether it is no program of 2.6."""
        return identity.is_pir_program(program)

    def record(self, built: Any, conversion: Conversion, sites: Sites) -> Recorded:
        """See `program.record`."""
        return program.record(built, conversion, sites, self._shape_of)

    def infer(
        self, program: Any, conversion: Conversion, recorded: Recorded, cpu: float, ended: str, *, check: bool
    ) -> list[Sentence]:
        """By Paddle's symbolic pass, or fitted."""
        return (inference.checked if check else inference.of_pir)(program, conversion, recorded, cpu, ended)

    def number_layers_anew(self) -> None:
        """Paddle keeps the numbers itself."""
        from paddle.base import framework

        framework._name_struct._children.clear()

    def _shapes(self, listener: Listener, transaction: Transaction) -> None:
        import paddle

        self._shape_of = watch_shapes(listener, transaction, paddle.pir.Value)

    def _conversions(self, listener: Listener, transaction: Transaction) -> None:
        watch_conversions(listener, transaction, "pir_from_func_spec")
