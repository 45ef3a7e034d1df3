"""How much memory forged traces take to load: many kinds, each as large as is still read.

    PYTHONPATH=tests python benchmarks/forged_memory.py

Prints the size of each unpacked, and by how much loading it raised the peak of a process of its own. Linux only.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from reports import detector
from shapetrace.trace import file
from test_forged_memory import attributes, many, packed

encode = msgspec.msgpack.encode

LOAD = """
import sys, shapetrace
def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) // 1024
before = peak()
try:
    shapetrace.load(sys.argv[1])
    said = "loaded"
except shapetrace.TraceFileError as error:
    said = str(error).rpartition(": ")[2]
print(f"{peak() - before:5} MiB  {said}")
"""

ROWS = {
    "uses": encode({"kind": "", "dim": 0}),
    "conversions": encode({"function": ""}),
    "findings": encode({"rule": "", "severity": "note", "said": ""}),
    "sites": encode({"file": "", "line": 0}),
    "skips": encode({"kind": "", "callable": ""}),
    "dims": encode([7, "read"]),
}
TEXTS = {
    "one letter": b"\xa1a",
    "two letters": b"\xa2ab",
    "an accent": b"\xa2\xc3\xa9",
    "a smile": b"\xa4\xf0\x9f\x98\x80",
}
PARTS = {
    "ops": b"\x93\xa0\x90\x90",
    "values": b"\x93\x00\xa0\x90",
    "values of rank 1": b"\x93\x00\xa0\x91\x00",
    "expressions": b"\xa2S0",
    "inputs": encode({"name": "", "shape": []}),
}
VALUES = {
    "empty lists": b"\x90",
    "lists in lists": b"\x91\x90",
    "empty maps": b"\x80",
    "maps in maps": b"\x81\xa1a\x80",
    "ints": b"\xcd\x12\x34",
    "small ints": b"\x01",
    "floats": b"\xcb" + b"\x3f" * 8,
    "nothing": b"\xc0",
    "bytes": b"\xc4\x00",
    "extensions": b"\xd4\x05\x00",
    "times": b"\xd6\xff\x00\x00\x00\x01",
}


def lines(size: int) -> bytes:
    """The table of sources with many lines of one file."""
    count = size // 7
    head = b"\x81\xa1f\xdf" + count.to_bytes(4, "big")
    return head + b"".join(b"\xce" + (number + 70_000).to_bytes(4, "big") + b"\xa1x" for number in range(count))


def part(name: str, unit: bytes, size: int) -> bytes:
    """The table of conversions with one that has many of something."""
    return b"\x91\x82\xa8function\xa1f" + encode(name.partition(" ")[0]) + many(unit, size)


FORGED: dict[str, Callable[[int], dict[str, bytes]]] = {
    **{name: lambda size, name=name, unit=unit: {name: many(unit, size)} for name, unit in ROWS.items()},
    **{name: lambda size, unit=unit: {"notes": many(unit, size)} for name, unit in TEXTS.items()},
    **{
        name: lambda size, name=name, unit=unit: {"conversions": part(name, unit, size)} for name, unit in PARTS.items()
    },
    **{name: lambda size, unit=unit: {"conversions": attributes(unit, size)} for name, unit in VALUES.items()},
    "sources": lambda size: {"sources": lines(size)},
}


def fits(tables: dict[str, bytes]) -> bool:
    """Whether a trace of these tables would be read."""
    body = bytes([0x80 + len(tables)]) + b"".join(encode(name) + table for name, table in tables.items())
    try:
        file._weigh(msgspec.Raw(body))
    except ValueError:
        return False
    return True


def main() -> None:
    """Run from the command line."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "forged.trace"

        def load(name: str, size: int) -> None:
            done = subprocess.run([sys.executable, "-c", LOAD, path], capture_output=True, text=True, check=True)
            print(f"{name:>18} {size / (1 << 20):5.1f} MiB unpacked  {done.stdout.strip()}", flush=True)

        real = detector.trace(100_000)
        real.save(path)
        load("a made-up detector", len(file._encoded(real)))
        for name, forged in FORGED.items():
            least, most = 1 << 20, 1 << 26
            while most - least > 1 << 19:
                middle = (least + most) // 2
                least, most = (middle, most) if fits(forged(middle)) else (least, middle)
            path.write_bytes(packed(**forged(least)))
            load(name, least)


if __name__ == "__main__":
    main()
