"""Does one job, on a worker: its commands, each in a process of its own, and the record of what came of them."""

from __future__ import annotations

import os
import re
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from shapetrace.errors import TraceFileError
from shapetrace.opened import load
from shapetrace.said import Sentence, said
from shapetrace.sweep import commands, environments, judging, process, taking
from shapetrace.sweep.jobs import Job, Known
from shapetrace.sweep.portable import Portable
from shapetrace.sweep.records import Axis, Done, Record, Spent
from shapetrace.trace import Trace

_STAGE = msgspec.json.Decoder(judging.Stage)  # made here: msgspec must not learn a type in two threads at once
_TAKEN = msgspec.json.Decoder(taking.Taken)
_KEPT = (commands.PAGE, commands.TRACE)
_OURS = "shapetrace: "
_REFUSED = 2  # the exit code of `shapetrace run` where it cannot do as it is asked
_ERROR = re.compile(r"\b(?:ERROR|CRITICAL|FATAL)\b")
_TRACEBACK = "Traceback (most recent call last):\n"
_MOST_LOG = 64 << 10
_PATIENCE = "60"  # seconds that closing a watch may wait for symbolic shapes, so that a busy machine changes no finding


def do(key: str, job: Job, known: Known) -> Done:
    """Do a job.

    Args:
        key: What it is known again by.
        job: The job.
        known: What its environment has installed.
    """
    above = job.environment.variables.get("TMPDIR", "")
    with tempfile.TemporaryDirectory(
        prefix="shapetrace-sweep-", dir=above if os.path.isdir(above) else None, ignore_cleanup_errors=True
    ) as folder:
        return _Doing(key, job, known, Path(folder)).done()


class _Doing:
    def __init__(self, key: str, job: Job, known: Known, folder: Path) -> None:
        self._key, self._job, self._known, self._folder = key, job, known, folder
        self._portable = Portable(Path(job.root), folder)
        self._temporary = folder / "tmp"  # short: the path of a Unix socket in it must be
        self._temporary.mkdir()
        self._env = {
            "SHAPETRACE_PATIENCE": _PATIENCE,
            **environments.variables(job.environment),
            "TMPDIR": str(self._temporary),  # what is killed does not remove its files
        }
        self._spent: list[process.Ended] = []
        self._unknown: Sentence = ""

    def done(self) -> Done:
        """Run the commands, and tell what came of them."""
        began = time.time()
        ended = self._run(commands.export(self._job, self._folder))
        evidence = judging.Evidence(
            self._job, ended, self._stage(), self._trace(), self._last_line(ended), self._portable
        )
        state, cause = judging.judge(evidence)
        right = state in ("healthy", "finding", "fails-in-an-engine")
        takes = self._sizes() if right and self._job.sizes else ()
        files = self._files()
        record = Record(
            key=self._key,
            model=self._job.model,
            mode=self._job.mode,
            environment=self._job.environment.name,
            paddle=self._known.paddle,
            python=self._known.python,
            shapetrace=self._known.shapetrace,
            state=state,
            spent=self._spending(began, evidence.stage.export),
            cause=cause,
            findings=evidence.findings,
            engines=evidence.engines,
            takes=takes,
            unknown=self._unknown,
            unverified=evidence.unverified if right else "",
            files=tuple(files),
        )
        return Done(record, files)

    def _run(self, command: list[str]) -> process.Ended:
        limits, root = self._job.limits, Path(self._job.root)
        ended = process.run(
            command,
            cwd=root,
            env=self._env,
            log=self._folder / commands.LOG,
            seconds=limits.seconds,
            memory=limits.memory,
            temporary=self._temporary,
        )
        self._spent.append(ended)
        return ended

    def _stage(self) -> judging.Stage:
        try:
            return _STAGE.decode((self._folder / commands.STAGE).read_bytes())
        except FileNotFoundError:
            return judging.Stage()

    def _trace(self) -> Trace | None:
        try:
            return load(self._folder / commands.TRACE)
        except TraceFileError:
            return None

    def _last_line(self, ended: process.Ended) -> str:
        """The exception of the last traceback that was printed; else the last line, one of shapetrace's own only where it refused to run.

        Of what ends as if all was well, the last line that tells of an error goes before others.
        """
        text = (self._folder / commands.LOG).read_text("utf-8", "replace")
        _, found, traceback = text.rpartition(_TRACEBACK)
        lines = [line for line in text.splitlines() if line.strip()]
        if found:
            raised = [line for line in traceback.splitlines() if line[:1].strip()]
            return (raised or lines)[0]
        others = [line for line in lines if not line.startswith(_OURS)]
        if not ended.code:
            return next(filter(_ERROR.search, reversed(others)), (others or [""])[-1])
        told = lines if ended.code == _REFUSED and not others else others
        return (told or [""])[-1].removeprefix(_OURS)

    def _sizes(self) -> tuple[Axis, ...]:
        """Which sizes the export takes; nothing where that is not known, and then why."""
        ended = self._run(commands.sizes(self._job, self._folder))
        if ended.limit:
            self._unknown = judging.over(self._job, ended.limit)
        elif ended.code < 0:
            self._unknown = said("died of {}", judging.signal_name(-ended.code))
        elif ended.code:
            self._unknown = self._portable.text(self._last_line(ended))
        else:
            taken = _TAKEN.decode((self._folder / commands.TAKEN).read_bytes())
            self._unknown = self._portable.sentence(taken.unknown)
            return taken.axes
        return ()

    def _files(self) -> dict[str, bytes]:
        found = {}
        for name in _KEPT:
            with suppress(FileNotFoundError):
                found[name] = (self._folder / name).read_bytes()
        found[commands.LOG] = (self._folder / commands.LOG).read_bytes()[-_MOST_LOG:]
        return found

    def _spending(self, began: float, export: float) -> Spent:
        return Spent(
            began=began,
            seconds=sum(ended.seconds for ended in self._spent),
            cpu=sum(ended.cpu for ended in self._spent),
            export=export,
            memory=max(ended.memory for ended in self._spent),
        )
