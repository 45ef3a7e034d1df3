"""Writes a file whole or not at all: a full disk leaves what was there."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path


def write(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file. One that is there is replaced once all is written.

    A device, a pipe, a link (`/dev/stdout` is one), and a file in a directory that takes no other are written to as they are.

    Args:
        path: The file.
        content: What to write.

    Raises:
        OSError: It cannot be written; a file that was there is there still.
    """
    target = Path(path)
    there = target.exists()
    if target.is_symlink() or (there and not target.is_file()) or not os.access(target.parent, os.W_OK):
        with open(target, "wb") as file:
            file.write(content)
        return
    temporary = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
        if there:
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
