"""The file a trace is kept in: a few bytes to know it by, then its version and itself as MessagePack, compressed.

Nothing in it is run or unpickled, and it is read whole or refused in one sentence.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from shapetrace import atomic_write
from shapetrace.errors import TraceFileError
from shapetrace.said import said
from shapetrace.trace import Trace, packing, references

T = TypeVar("T", bound=Trace)

FORMAT_VERSION = 2
"""A reader refuses files of another one: until there is a release, none is worth the code that would read it."""

_MAGIC = b"shapetrace\x00"
_MAX_UNPACKED = 1 << 26
"""Bytes; half a million tensors. A file that unpacks to more is not one of ours."""
_MAX_MEMORY = 1 << 30
"""Bytes that what is in a file may take as objects; a trace of 100,000 tensors takes a quarter of it."""

_CONTAINERS = bytes((*range(0x80, 0xA0), 0xDC, 0xDD, 0xDE, 0xDF))
_OTHERS = bytes((*range(0xA0, 0xC0), *range(0xC1, 0xDC)))
"""The bytes that begin a list or a map in MessagePack, and a text or a number. Most of them can stand elsewhere, too."""


_learning = threading.Lock()
"""msgspec learns a type when it first decodes it, and crashes where another thread decodes the same type meanwhile."""


def write(trace: Trace, path: str | os.PathLike[str]) -> None:
    """Write a trace; see `Trace.save`."""
    atomic_write.write(path, _MAGIC + packing.packed(_encoded(trace)))


def read(path: str | os.PathLike[str], kind: type[T]) -> T:
    """Read what `write` wrote as a trace of that class; see `shapetrace.load`."""
    source = Path(path)
    try:
        content = source.read_bytes()
    except OSError as error:
        raise TraceFileError(said("cannot read the trace {}: {}", source, error.strerror)) from None
    if not content.startswith(_MAGIC):
        raise TraceFileError(said("{} is not a shapetrace trace", source))
    try:
        packed = packing.unpacked(content[len(_MAGIC) :], _MAX_UNPACKED)
        version, body = msgspec.msgpack.decode(packed, type=tuple[int, msgspec.Raw])
        if version < FORMAT_VERSION:
            raise TraceFileError(
                said(
                    "{} has trace format {}, of an earlier shapetrace, and this one reads {}: record it anew",
                    source,
                    version,
                    FORMAT_VERSION,
                )
            )
        if version > FORMAT_VERSION:
            raise TraceFileError(
                said(
                    "{} has trace format {}, and this shapetrace reads {}: upgrade shapetrace",
                    source,
                    version,
                    FORMAT_VERSION,
                )
            )
        _weigh(body)
        with _learning:
            trace = msgspec.msgpack.decode(body, type=kind)
        references.check(trace)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise TraceFileError(said("the trace {} is damaged: {}", source, error)) from None
    return trace


class _Outline(msgspec.Struct):
    """As much of a trace as it takes to count what is dear."""

    conversions: list[msgspec.Raw] = []


def _weigh(body: msgspec.Raw) -> None:
    """Refuse what would take too much memory as objects, before there are any: one byte can be a list.

    The sum is what each kind was measured to take at the most, and finds more kinds than there are, never fewer.

    Raises:
        ValueError: It is too much.
    """
    content = bytes(body)
    containers, others = (len(content) - len(content.translate(None, kind)) for kind in (_CONTAINERS, _OTHERS))
    memory = 10 * len(content) + 80 * containers + 60 * others
    if memory <= _MAX_MEMORY:
        memory += 1000 * len(msgspec.msgpack.decode(body, type=_Outline).conversions)
    if memory > _MAX_MEMORY:
        raise ValueError(f"it could take more than {_MAX_MEMORY >> 20} MiB of memory")


def as_tree(trace: Trace) -> Any:
    """A trace as plain values that a file can hold."""
    return _encodable(msgspec.to_builtins(trace, str_keys=False))


def _encoded(trace: Trace) -> bytes:
    try:
        return msgspec.msgpack.encode((FORMAT_VERSION, trace))
    except UnicodeEncodeError:  # lone surrogates, as in file names that are no UTF-8
        return msgspec.msgpack.encode((FORMAT_VERSION, as_tree(trace)))


def _encodable(value: Any) -> Any:
    """A plain value with lone surrogates escaped, as Python writes them."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {_encodable(name): _encodable(item) for name, item in value.items()}
    return value
