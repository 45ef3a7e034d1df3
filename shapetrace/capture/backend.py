"""The one seam between the programs of Paddle 3 and those of Paddle 2.6.

A flag (`FLAGS_enable_pir_api`) or a guard may have Paddle 3 build the programs of 2.6, even in the middle of a watch. So a watch has
a backend for each kind of program that the installed Paddle can build, with its probes open, and a program is
handled by the backend that knows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from shapetrace.capture import identity
from shapetrace.said import Sentence

if TYPE_CHECKING:
    from shapetrace.capture.listener import Probe
    from shapetrace.capture.recorded import Recorded
    from shapetrace.capture.source.sites import Sites
    from shapetrace.trace import Conversion


class Backend(Protocol):
    """One kind of program: how it is listened to, recorded, and how its symbolic shapes are worked out."""

    @property
    def always(self) -> tuple[Probe, ...]:
        """Probes that are open as long as the watch."""
        ...

    @property
    def during(self) -> tuple[Probe, ...]:
        """Probes that are open while something is being converted."""
        ...

    def knows(self, program: Any) -> bool:
        """Whether a program is of this kind."""
        ...

    def record(self, program: Any, conversion: Conversion, sites: Sites) -> Recorded:
        """Record all ops of a program, complete or half-built, into a conversion. The program is not changed."""
        ...

    def infer(
        self, program: Any, conversion: Conversion, recorded: Recorded, cpu: float, ended: str, *, check: bool
    ) -> list[Sentence]:
        """Fill the symbolic shapes of a conversion. It is called in a process of its own.

        Args:
            program: What was recorded. It is not changed.
            conversion: Its record.
            recorded: Where to find what was recorded.
            cpu: CPU seconds that each way of working them out may take.
            ended: How the process ended in which this was tried before; empty the first time.
            check: Whether to compare what Paddle's symbolic pass tells with shapes inferred at several sizes.

        Returns:
            What there is to say of it, a sentence each.
        """
        ...

    def number_layers_anew(self) -> None:
        """Have the layers of the next program numbered as those of the one before."""
        ...


def of_this_paddle() -> tuple[Backend, ...]:
    """A new backend for each kind of program that the imported Paddle can build."""
    from shapetrace.capture.legacy.backend import Legacy

    if not identity.has_pir():
        return (Legacy(),)
    from shapetrace.capture.pir.backend import Pir

    return (Pir(), Legacy())


def knowing(program: Any, backends: tuple[Backend, ...]) -> Backend:
    """The backend of a program."""
    return next(backend for backend in backends if backend.knows(program))
