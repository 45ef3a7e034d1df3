"""The states of jobs, as sentences are made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapetrace.said import Said, said

if TYPE_CHECKING:
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
