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

import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

import shapetrace
from shapetrace import Trace
from subprocess_run import ROOT, run_python, told

HERE = Path(__file__).parent
DIRECTORY = "SHAPETRACE_RECORDED"
"""The variable that holds the directory of a run; `conftest.py` sets it where the caller did not."""
BATCH = 12
"""Models that are recorded by one process: few enough that two workers share the work, enough to pay for starting Paddle."""


class Recording(msgspec.Struct):
    """What came of the export of one twin of a model, under a watch."""

    raised: str = ""
    """Type of the exception that the export ended with."""
    died: int = 0
    """The status that its process ended with; there is no trace then."""


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
        assert not recording.died, f"the export of {name} ended its process with the status {recording.died}"
        return shapetrace.load(self._path(name, "trace"), own=True)

    def record(self, names: Sequence[str]) -> None:
        """Record what is missing, together with the other workers of this run."""
        while missing := self._missing(names):
            with self._claimed(missing, wait=False) as claimed:
                if claimed:
                    self._convert(claimed)
                    continue
            with self._claimed(missing[:1], wait=True) as claimed:  # another worker is at it
                self._convert(claimed)

    def _missing(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if not self._path(name, "json").exists()]

    def _path(self, name: str, ending: str) -> Path:
        return self.directory / f"{name.replace(':', '.')}.{ending}"

    @contextmanager
    def _claimed(self, names: Sequence[str], wait: bool) -> Iterator[list[str]]:
        """A batch of names whose locks are held until it is done, those left out that have been recorded by now."""
        with ExitStack() as held:
            claimed: list[str] = []
            for name in names:
                lock = held.enter_context(self._path(name, "lock").open("w"))
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
                except BlockingIOError:
                    continue
                claimed += self._missing([name])
                if len(claimed) == BATCH:
                    break
            yield claimed

    def _convert(self, names: Sequence[str]) -> None:
        if not names:
            return
        done = run_python(["-W", "ignore", HERE / "watched_models.py", self.directory, *names], items=len(names))
        results = {line["name"]: line for line in told(done)}
        assert list(results) == list(names), done.stderr[-3000:]
        for name, result in results.items():
            part = self._path(name, "part")
            part.write_bytes(msgspec.json.encode(msgspec.convert(result, Recording)))
            part.replace(self._path(name, "json"))


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
