"""Files are written whole or not at all, and only those that were asked for."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Any

import pytest

from example_traces import leaky_trace
from forked import ask
from shapetrace import reports, whole_files
from shapetrace.errors import UsageError
from subprocess_run import run_python

FORMATS = ("text", "json", "html", "svg", "png", "markdown", "sarif", "junit")

EXPORT = """
import sys
import paddle
from paddle.static import InputSpec

class Net(paddle.nn.Layer):
    def forward(self, x):
        return (lambda y: paddle.zeros([y.shape[0] * y.shape[0], 1]) + y)(x)

paddle.jit.save(Net(), "out/model", input_spec=[InputSpec([-1, 4], name="x")])
"""


def full() -> None:
    """No file of this process grows beyond a few bytes from here on."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))


def listed(directory: Path) -> dict[str, bytes]:
    return {str(file.relative_to(directory)): file.read_bytes() for file in directory.rglob("*") if file.is_file()}


def test_a_full_disk_keeps_the_trace_that_was_there(tmp_path: Path) -> None:
    file = tmp_path / "old.trace"
    file.write_bytes(b"as it was")

    def save() -> dict[str, Any]:
        full()
        with pytest.raises(OSError, match=r"large|space"):
            leaky_trace().save(file)
        return {}

    assert ask(save) == {}
    assert listed(tmp_path) == {"old.trace": b"as it was"}


@pytest.mark.parametrize("name", FORMATS)
def test_a_full_disk_keeps_the_report_that_was_there(name: str, tmp_path: Path) -> None:
    file = tmp_path / "old"
    file.write_bytes(b"as it was")

    def write() -> dict[str, Any]:
        reports.render(leaky_trace(), name)  # imports what it needs
        full()
        with pytest.raises(UsageError, match="cannot write the report"):
            reports.write(leaky_trace(), file, format=name)
        return {}

    assert ask(write) == {}
    assert listed(tmp_path) == {"old": b"as it was"}


def test_links_are_followed_and_devices_written_to(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"old")
    link.symlink_to(file)
    whole_files.write(link, b"new")
    assert link.is_symlink() and file.read_bytes() == b"new"

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    whole_files.write(pipe, b"through")
    assert os.read(reading, 100) == b"through"
    os.close(reading)
    assert sorted(listed(tmp_path)) == ["file", "link"]


@pytest.mark.paddle
def test_a_run_writes_what_the_script_does_and_the_report(tmp_path: Path) -> None:
    seen = {}
    for kind, before in (("plain", ()), ("watched", ("-m", "shapetrace", "run", "--report", "found.json"))):
        root = tmp_path / kind
        for directory in ("work", "home", "temporary"):
            (root / directory).mkdir(parents=True)
        (root / "work" / "export.py").write_text(EXPORT, encoding="utf-8")
        environment = {"HOME": str(root / "home"), "TMPDIR": str(root / "temporary"), "PYTHONDONTWRITEBYTECODE": "1"}
        done = run_python([*before, "export.py"], cwd=root / "work", env=environment)
        assert done.returncode == 0, done.stderr[-3000:]
        seen[kind] = {name for name in listed(root) if "to_static_tmp" not in name}
    assert seen["watched"] == seen["plain"] | {"work/found.json"}
