"""The folder of a sweep: what was asked for, a record a job, and what jobs report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from shapetrace import atomic_write
from shapetrace.errors import UsageError
from shapetrace.said import said
from shapetrace.sweep.records import Done, Record

VERSION = 1
"""Version of the folder's form. It counts up when something is renamed or taken away, not when it is added."""
_ASKED = "sweep.json"


class Listed(Struct, frozen=True):
    """A job that was asked for."""

    key: str
    model: str
    mode: str
    environment: str

    @property
    def name(self) -> tuple[str, str, str]:
        """Its place in the matrix."""
        return self.model, self.mode, self.environment


class Asked(Struct, frozen=True):
    """What a sweep was asked to do last. Records of other jobs may stand in its folder too: they are of other code."""

    jobs: tuple[Listed, ...]
    version: int = VERSION


class Folder:
    """A folder of a sweep.

    Args:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> None:
        """Make it, where it is not there.

        Raises:
            UsageError: It cannot be made.
        """
        try:
            for name in ("records", "reports"):
                (self.path / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(said("cannot write to {}: {}", self.path, error.strerror)) from None

    def ask(self, jobs: Sequence[Listed]) -> None:
        """Keep what is asked for."""
        self.write(_ASKED, msgspec.json.encode(Asked(tuple(jobs))))

    def asked(self) -> tuple[Listed, ...]:
        """What was asked for.

        Raises:
            UsageError: This is no folder of a sweep.
        """
        try:
            return msgspec.json.decode((self.path / _ASKED).read_bytes(), type=Asked).jobs
        except FileNotFoundError:
            raise UsageError(said("{} is no folder that `shapetrace sweep` has written", self.path)) from None
        except (OSError, msgspec.DecodeError) as error:
            raise UsageError(said("{} cannot be read: {}", self.path / _ASKED, error)) from None

    def record(self, key: str) -> Record | None:
        """The record of a job; None where there is none, or it was cut off when a machine went down."""
        try:
            content = (self.path / "records" / f"{key}.json").read_bytes()
            return msgspec.json.decode(content, type=Record)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def records(self) -> list[Record]:
        """The records of what was asked for, in that order, as far as they are there."""
        kept = (self.record(job.key) for job in self.asked())
        return [record for record in kept if record is not None]

    def keep(self, done: Done) -> None:
        """Keep what came of a job, the record last: where it is, all is."""
        key = done.record.key
        (self.path / "reports" / key).mkdir(exist_ok=True)
        for name, content in done.files.items():
            self.write(f"reports/{key}/{name}", content)
        packed = msgspec.json.format(msgspec.json.encode(done.record), indent=1)
        self.write(f"records/{key}.json", packed)

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all.

        Raises:
            UsageError: It cannot be written.
        """
        try:
            atomic_write.write(self.path / name, content)
        except OSError as error:
            raise UsageError(said("cannot write {}: {}", self.path / name, error.strerror)) from None
