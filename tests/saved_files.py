"""The files of an export, told so that those of two exports can be compared.

Paddle 2.6 leaves three things to chance, in plain exports too, and there anything counts: the order of the entries of
`.info`, that of the operands of a loop, and the names of temporary files in the call stacks. Everything else is
compared byte for byte, and on 3.x every file is.
"""

from __future__ import annotations

import hashlib
import pickle
import re
from pathlib import Path

from versions import LEGACY

_TEMPORARY = re.compile(r"(?<=/to_static_tmp/)[^\"]+")


def digests(directory: str | Path, above: str = "") -> dict[str, str]:
    """A digest of each file below a directory, by its name.

    Args:
        directory: Where it was exported to.
        above: A file from which the exports are called on different lines. 2.6 saves the call stack of each op, and the
            frames in it that run this file are left out.
    """
    files = [path for path in sorted(Path(directory).rglob("*")) if path.is_file()]
    return {path.name: digest(path, above) for path in files}


def digest(path: Path, above: str = "") -> str:
    """A digest of one of them."""
    return hashlib.sha256(_content(path, above)).hexdigest()


def _content(path: Path, above: str) -> bytes:
    content = path.read_bytes()
    if LEGACY and path.suffix == ".info":
        return repr(sorted(pickle.loads(content).items())).encode()
    if LEGACY and path.suffix == ".pdmodel":
        return _program(content, above)
    return content


def _program(content: bytes, above: str) -> bytes:
    """A program of Paddle 2.6 without what was left to chance."""
    from paddle.base.proto.framework_pb2 import ProgramDesc

    program = ProgramDesc()
    program.ParseFromString(content)
    assert program.SerializeToString(deterministic=True) == content
    for op in (op for block in program.blocks for op in block.ops):
        if op.type == "while":
            for slot in (*op.inputs, *op.outputs):
                slot.arguments.sort()
        for attribute in op.attrs:
            if attribute.name == "op_callstack":
                stack = attribute.strings  # a line that names the frame, then one with its code
                frames = [(_TEMPORARY.sub("", stack[at]), stack[at + 1]) for at in range(0, len(stack), 2)]
                stack[:] = [line for frame in frames if not above or f'"{above}"' not in frame[0] for line in frame]
    written: bytes = program.SerializeToString(deterministic=True)
    return written
