"""A project with a trace, for the language server: `net.py` and `export.trace`, of the annotated trace of the tests."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from annotated_trace import FILE, SOURCE, trace
from shapetrace import Trace
from shapetrace.trace import Edit, Fix, Sink, Site, file


def project(directory: Path) -> Path:
    """Write a project, and return the path of its source file."""
    source = directory / "net.py"
    source.write_text(SOURCE, encoding="utf-8")
    record(directory / "export.trace", of_file(str(source)))
    return source


def record(path: Path, made: Trace, newer: int = 0) -> None:
    """Save a trace, dated some seconds after now."""
    file.write(made, path)
    now = path.stat().st_mtime
    os.utime(path, (now + newer, now + newer))


def of_file(path: str) -> Trace:
    """The annotated trace as one of this file, with a fix."""
    made = trace()
    made.sites[:] = [_at(site, path) for site in made.sites]
    made.files = {path: made.files[FILE]}
    made.digests = {path: hashlib.sha256(SOURCE.encode()).hexdigest()}
    edit = Edit(path, 6, 18, 6, 25, "other")
    (finding,) = made.findings
    assert finding.sink is not None
    sink = Sink.at(_at(Site(FILE, 8, 15, 8, 30), path), "relu")
    source = _at(Site(FILE, 6, 12, 6, 26), path)
    made.findings[:] = [
        msgspec.structs.replace(finding, sink=sink, source=source, fix=Fix("read the other one", "machine", (edit,)))
    ]
    return made


def _at(site: Site, path: str) -> Site:
    return msgspec.structs.replace(site, file=path) if site.file == FILE else site
