"""The commands that a job consists of, each of them one of shapetrace's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from shapetrace.sweep import environments
from shapetrace.sweep.jobs import Job

TRACE, PAGE, LOG, STAGE, TAKEN = "export.trace", "report.html", "log.txt", "stage.json", "taken.json"
"""What a job leaves in its folder."""
_EXPORT, _SIZES = "shapetrace.cli.export_factory", "shapetrace.sweep.taking"
_UNKNOWN = {"as given": "", "batch unknown": "batch", "all unknown": "all"}


def export(job: Job, folder: Path) -> list[str]:
    """Exports, explains and compares, in engines too: `shapetrace run`."""
    options = ["--trace", str(folder / TRACE), "--report", str(folder / PAGE), "--color", "never"]
    options.append("--verify" if job.verify or job.engines else "--no-verify")
    for engine in job.engines:
        options += ["--engine", engine]
    for remedy in job.remedies:
        options += ["--remedy", remedy]
    return [*_shapetrace(job), "run", *options, *_dims(job), *_subject(job, folder)]


def sizes(job: Job, folder: Path) -> list[str]:
    """Derives which sizes the export takes, as `shapetrace sizes` does."""
    return [environments.interpreter(job.environment), "-m", _SIZES, str(folder / TRACE), str(folder / TAKEN)]


def _shapetrace(job: Job) -> list[str]:
    return [environments.interpreter(job.environment), "-m", "shapetrace"]


def _dims(job: Job) -> Iterator[str]:
    for claim in job.dims:
        yield from ("--dim", claim)


def _subject(job: Job, folder: Path) -> list[str]:
    if job.factory:
        return ["-m", _EXPORT, job.factory, _UNKNOWN[job.mode], str(folder)]
    arguments = [argument.replace("{out}", str(folder)) for argument in job.arguments]
    return [*(("-m", job.module) if job.module else (job.script,)), *arguments]
