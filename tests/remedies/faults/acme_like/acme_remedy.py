"""A stranger's remedy, found by its entry point, which fails where it is told to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shapetrace.patching import Transaction
from shapetrace.remedies import Probe, Remedy, hookimpl

raises: dict[str, type[BaseException]] = {}
"""Places, and what is raised there: `probe`, `apply 0` before the first change, `apply 1` after it, …, `undo`."""
once: set[str] = set()
"""Of those, the places where it is raised only once."""


def reach(place: str) -> None:
    if place in raises:
        error = raises.pop(place) if place in once else raises[place]
        raise error(f"at {place}")


def ours(x: Any) -> Any:
    return x


class FastNorm(Remedy):
    name = "fast-norm"
    summary = "changes one of each kind of thing"
    requires = ("acme.norms",)

    def probe(self) -> Probe:
        reach("probe")
        return Probe("present", "there is always something to repair")

    def apply(self, transaction: Transaction) -> None:
        for number, change in enumerate(changes(transaction)):
            reach(f"apply {number}")
            change()
        reach(f"apply {CHANGES}")


def changes(transaction: Transaction) -> list[Callable[[], None]]:
    import paddle
    from acme import norms

    def register() -> None:
        transaction.callback(unregister, what="registered itself with acme")
        norms.REGISTRY["ours"] = ours

    def unregister() -> None:
        reach("undo")
        norms.REGISTRY.pop("ours", None)

    def in_a_part() -> None:
        with transaction.part() as part:
            part.set(norms, "slow_norm", ours)

    return [
        register,
        lambda: transaction.set(norms, "fast_norm", ours),
        lambda: transaction.set(norms, "fresh", ours),
        lambda: transaction.set(norms.Norm, "epsilon", 1.0),
        lambda: transaction.set(norms.Norm, "scale", staticmethod(ours)),
        lambda: transaction.set(norms.slow_norm, "__code__", ours.__code__),
        in_a_part,
        lambda: transaction.set_item(norms.TABLE, "epsilon", 1.0, name="acme.norms.TABLE"),
        lambda: transaction.set_item(norms.TABLE, "fresh", 1.0, name="acme.norms.TABLE"),
        lambda: transaction.set(paddle.pir.Value, "acme_norm", ours),
        lambda: transaction.set(paddle.nn.functional, "relu6", paddle.nn.functional.relu),
    ]


CHANGES = 11


@hookimpl
def shapetrace_remedies() -> list[Remedy]:
    return [FastNorm()]
