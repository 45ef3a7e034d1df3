"""Traces of the small models in `models/` and `models/reported/`, each recorded once a run of the tests and read from then on.

    def test_it(recorded: Recordings) -> None:                       # the fixture in conftest.py
        trace = recorded.trace("models.partial_held:broken")         # a new Trace each time, findings and all
        assert [finding.rule for finding in rules.check(trace)] == ["ST101"]

What rules, reports and fixes make of a trace needs no conversion then. The workers of pytest-xdist share one directory, and
do not record what another one is recording. `SHAPETRACE_RECORDED=DIRECTORY` keeps the traces there from one run to the
next, for work on what reads them; empty the directory whenever the capture changes. By hand:

    python tests/recorded_traces.py DIRECTORY [NAME...]
"""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path

import msgspec

import shapetrace
from shapetrace import Trace
from subprocess_run import ROOT, start_python

HERE = Path(__file__).parent
DIRECTORY = "SHAPETRACE_RECORDED"
"""The variable that holds the directory of a run; `conftest.py` sets it where the caller did not."""


class Recording(msgspec.Struct):
    """What came of the export of one twin of a model, under a watch."""

    raised: str = ""
    """Type of the exception that the export ended with."""
    died: int = 0
    """The status that its process ended with; there is no trace then."""
    stack: str = ""
    """What was running then."""


def modules(folder: str) -> list[str]:
    """Names of the model modules in a folder of `tests/`."""
    paths = sorted((HERE / folder).glob("*.py"))
    package = folder.replace("/", ".")
    return [f"{package}.{path.stem}" for path in paths if "\nRULE" in path.read_text(encoding="utf-8")]


def twins(names: Sequence[str]) -> list[str]:
    """The twins of modules of models, as `module:variant`. The modules are read and not imported, for they import Paddle."""
    written = {name: (HERE / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8") for name in names}
    return [f"{name}:{twin}" for name in names for twin in ("broken", "healthy") if f"\ndef {twin}(" in written[name]]


def every() -> list[str]:
    """All twins of all models."""
    return twins(modules("models") + modules("models/reported"))


class Recordings:
    """The recordings in a directory; what is not there yet is recorded when it is asked for.

    Args:
        directory: Where they are kept.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def recording(self, name: str) -> Recording:
        """What came of a twin, named as `models.partial_held:broken`."""
        self.record([name])
        return msgspec.json.decode(self._path(name, "json").read_bytes(), type=Recording)

    def trace(self, name: str) -> Trace:
        """The trace of a twin, read anew, so that each test may change its own.

        Raises:
            AssertionError: The export ended its process.
        """
        recording = self.recording(name)
        assert not recording.died, (
            f"the export of {name} ended its process with the status {recording.died}\n{recording.stack}"
        )
        return shapetrace.load(self._path(name, "trace"), own=True)

    def record(self, names: Sequence[str]) -> None:
        """Record what is missing, together with the other workers of this run."""
        for wait in (False, True):  # what another worker is at comes last
            for name in names:
                self._record(name, wait)

    def _record(self, name: str, wait: bool) -> None:
        if self._path(name, "json").exists():
            return
        with self._path(name, "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                return
            if not self._path(name, "json").exists():
                self._convert(name)

    def _path(self, name: str, ending: str) -> Path:
        return self.directory / f"{name.replace(':', '.')}.{ending}"

    def _convert(self, name: str) -> None:
        part = self._path(name, "part")
        part.write_bytes(msgspec.json.encode(self._recorder.recorded(name)))
        part.replace(self._path(name, "json"))

    @cached_property
    def _recorder(self) -> Recorder:
        return Recorder(self.directory)


class Recorder:
    """A process that has loaded Paddle, which takes ten times as long as to record a model, and forks for each model."""

    def __init__(self, directory: Path) -> None:
        with tempfile.NamedTemporaryFile("w", dir=directory, suffix=".stderr", delete=False) as errors:
            self._errors = Path(errors.name)
            self._process = start_python(["-W", "ignore", HERE / "watched_models.py", directory], stderr=errors)
        assert self._process.stdin is not None
        atexit.register(self._process.stdin.close)  # which ends it

    def recorded(self, name: str) -> Recording:
        """Have a twin recorded."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("{"):  # Paddle may print lines of its own
                result = json.loads(line)
                assert result["name"] == name
                return msgspec.convert(result, Recording)
        raise AssertionError(f"what records models has ended: {self._errors.read_text('utf-8', 'replace')[-3000:]}")


@cache
def of_this_run() -> Recordings:
    """The recordings of this run of the tests."""
    return Recordings(Path(os.environ[DIRECTORY]))


def main(directory: str, *names: str) -> None:
    """Record models into a directory: those named, or all."""
    recordings = Recordings(Path(directory).resolve())
    recordings.record(names or every())
    print(f"{len(list(recordings.directory.glob('*.trace')))} traces in {directory}")


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "plugins")]
    main(*sys.argv[1:])
