"""A forged trace takes bounded memory, and a real one of 100,000 tensors is read all the same."""

from __future__ import annotations

import zlib
from pathlib import Path

import msgspec
import pytest

import damage
from reports import detector
from shapetrace import load
from shapetrace.trace import file
from subprocess_run import run_python

pytestmark = pytest.mark.slow

MEMORY = 1400 << 20
"""Bytes that the process may have which reads a forged trace: what `trace_file` says, and Python itself."""

READ = """
import sys, shapetrace
for path in sys.argv[1:]:
    try:
        shapetrace.load(path)
        print("loaded")
    except shapetrace.TraceFileError as error:
        print(error)
"""


def many(unit: bytes, size: int) -> bytes:
    """A list of many of one thing, encoded, of about this size."""
    count = size // len(unit)
    return b"\xdd" + count.to_bytes(4, "big") + unit * count


def packed(**tables: bytes) -> bytes:
    """The file of a trace with these tables."""
    encode = msgspec.msgpack.encode
    body = bytes([0x80 + len(tables)]) + b"".join(encode(name) + table for name, table in tables.items())
    return damage.MAGIC + zlib.compress(bytes((0x92, file.FORMAT_VERSION)) + body, 1)


def attributes(unit: bytes, size: int) -> bytes:
    """The table of conversions with one op whose attribute is a list of many."""
    program = b"\x82\xa8function\xa1f\xa3ops\x91\x94\xa1x\x90\x90\x81\xa1v"
    return b"\x91" + program + many(unit, size)


FORGED = {
    "lists": lambda size: packed(conversions=attributes(b"\x90", size)),
    "maps": lambda size: packed(conversions=attributes(b"\x81\xa1a\x80", size)),
    "texts": lambda size: packed(notes=many(b"\xa2ab", size)),
    "ops": lambda size: packed(conversions=b"\x91\x82\xa8function\xa1f\xa3ops" + many(b"\x93\xa0\x90\x90", size)),
    "conversions": lambda size: packed(conversions=many(b"\x81\xa8function\xa0", size)),
    "uses": lambda size: packed(uses=many(b"\x82\xa4kind\xa0\xa3dim\x00", size)),
}
FITS = {"maps": 15 << 20, "texts": 33 << 20}
"""About the most that is still read of the two that take most for it."""


def _read(contents: list[bytes], directory: Path) -> list[str]:
    paths = [directory / f"{number}.trace" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    done = run_python(["-c", READ, *paths], memory=MEMORY)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def test_what_would_take_gigabytes_is_refused(tmp_path: Path) -> None:
    said = _read([forged(60 << 20) for forged in FORGED.values()], tmp_path)

    assert ["could take more than 1024 MiB of memory" in line for line in said] == [True] * len(FORGED)


@pytest.mark.parametrize("kind", FITS)
def test_what_is_read_fits(kind: str, tmp_path: Path) -> None:
    assert _read([FORGED[kind](FITS[kind])], tmp_path) == ["loaded"]


def test_a_hundred_thousand_tensors_are_read(tmp_path: Path) -> None:
    trace = detector.trace(106_000)
    trace.save(tmp_path / "large.trace")

    assert len(trace.conversions[0].values) > 100_000
    assert len(load(tmp_path / "large.trace").conversions[0].values) == len(trace.conversions[0].values)
