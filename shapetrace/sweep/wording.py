"""The states of jobs and the kinds of changes, as sentences are made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapetrace.said import Said, said

if TYPE_CHECKING:
    from shapetrace.sweep.comparing import Kind
    from shapetrace.sweep.records import State

STATES: dict[State, Said] = {
    "healthy": said("healthy"),
    "finding": said("finding"),
    "export-fails": said("export fails"),
    "differs-at-a-size": said("differs at a size"),
    "fails-at-inference": said("fails at inference"),
    "fails-in-an-engine": said("fails in an engine"),
    "endless": said("endless"),
    "dies": said("dies"),
    "over-memory": said("over memory"),
    "dygraph-fails": said("dygraph fails"),
    "could-not-be-built": said("could not be built"),
}

KINDS: dict[Kind, Said] = {
    "newly broken": said("newly broken"),
    "repaired": said("repaired"),
    "fails otherwise": said("fails otherwise"),
    "same failure in other words": said("same failure in other words"),
    "new findings": said("new findings"),
    "findings gone": said("findings gone"),
    "sizes lost": said("sizes lost"),
    "sizes gained": said("sizes gained"),
    "slower": said("slower"),
    "added": said("added"),
    "removed": said("removed"),
}
