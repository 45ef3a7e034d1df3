"""The file a trace is kept in: a few bytes to know it by, then its version and itself as MessagePack, compressed.

Nothing in it is run or unpickled, and it is read whole or refused in one sentence.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import msgspec

from shapetrace import compression, references
from shapetrace.errors import TraceFileError
from shapetrace.trace import Trace

FORMAT_VERSION = 1
"""A reader refuses files of a later one."""

_MAGIC = b"shapetrace\x00"
_MAX_UNPACKED = 1 << 27  # bytes, some million tensors; a file that unpacks to more is not one of ours


def write(trace: Trace, path: str | os.PathLike[str]) -> None:
    """Write a trace; see `Trace.save`."""
    target = Path(path)
    payload = _MAGIC + compression.packed(_encoded(trace))
    temporary = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with open(temporary, "xb") as file:
            file.write(payload)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read(path: str | os.PathLike[str]) -> Trace:
    """Read what `write` wrote; see `shapetrace.load`."""
    source = Path(path)
    try:
        content = source.read_bytes()
    except OSError as error:
        raise TraceFileError(f"cannot read the trace {source}: {error.strerror}") from None
    if not content.startswith(_MAGIC):
        raise TraceFileError(f"{source} is not a shapetrace trace")
    try:
        packed = compression.unpacked(content[len(_MAGIC) :], _MAX_UNPACKED)
        version, body = msgspec.msgpack.decode(packed, type=tuple[int, msgspec.Raw])
        if version > FORMAT_VERSION:
            raise TraceFileError(
                f"{source} has trace format {version}, and this shapetrace reads up to {FORMAT_VERSION}: upgrade shapetrace"
            )
        trace = msgspec.msgpack.decode(body, type=Trace)
        references.check(trace)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise TraceFileError(f"the trace {source} is damaged: {error}") from None
    return trace


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
