"""What came of remedies, and of comparing an export with its model."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from shapetrace.said import Sentence
from shapetrace.trace.sites import Site


class Repaired(Struct, frozen=True):
    """A finding that is there without the remedies, and is not there with them."""

    rule: str
    said: Sentence
    """As that finding has it."""
    site: Site | None = None
    """Where the dim was consumed, or else where it was read."""

    @property
    def message(self) -> str:
        """What was wrong, in English."""
        return str(self.said)


RemedyOutcome = Literal["unknown", "repaired", "unneeded", "in-vain"]
"""What came of a remedy: `repaired` what it lists; `unneeded`: nothing was left for it to repair; `in-vain`: it was applied,
and what is wrong is still wrong; `unknown`: the conversion was not, or could not be, built without it as well."""


class Applied(Struct, frozen=True, omit_defaults=True):
    """A remedy that was applied during the watch, what it changed, and what that repaired."""

    name: str
    changes: tuple[str, ...] = ()
    outcome: RemedyOutcome = "unknown"
    repaired: tuple[Repaired, ...] = ()


class ServedAt(Struct, frozen=True):
    """What an engine made of an export at one choice of sizes."""

    sizes: str
    """`batch=2, image[2]=64`."""
    ok: bool | None
    """Whether it gives the same; None where it did not come to that."""
    said: Sentence = ""

    @property
    def says(self) -> str:
        """What is to be said of it, in English."""
        return str(self.said)


class Served(Struct, frozen=True, omit_defaults=True):
    """What an engine made of an export."""

    name: str
    """`jit.load`, or the name of another engine."""
    ok: bool | None
    """None where nothing can be told, and `said` tells why."""
    stage: str = ""
    """Where it went wrong: `convert`, `load`, `run` or `compare`."""
    said: Sentence = ""
    op: str = ""
    """The exported op that fails or differs first, where it was found."""
    layer: str = ""
    site: Site | None = None
    """The user's line that made it."""
    at: tuple[ServedAt, ...] = ()

    @property
    def says(self) -> str:
        """What is to be said of it, in English."""
        return str(self.said)


class Verified(Struct, frozen=True):
    """An export that was compared with its model once the script had ended."""

    model: str
    """Name of the layer's class."""
    path: str
    """As given to `paddle.jit.save`."""
    ok: bool | None
    """Whether it gives the same; None where nothing was compared."""
    lines: tuple[str, ...] = ()
    """The result as people read it; the first line is the verdict."""
    stage: str = ""
    """Where it went wrong: `convert`, `load`, `run` or `compare`; `model` where the model itself fails at all sizes that were tried."""
    said: Sentence = ""
    """What went wrong, without its place and sizes; why nothing was compared."""
    op: str = ""
    """The exported op that fails or differs first, where it was found."""
    site: Site | None = None
    """The user's line that made it."""
    sizes: tuple[str, ...] = ()
    """The sizes at which it goes wrong, a line each."""
    engines: tuple[Served, ...] = ()
    """What each engine made of it, `jit.load` first; empty where no other was asked for."""

    @property
    def says(self) -> str:
        """What went wrong, in English."""
        return str(self.said)
