"""Memory that outlives the process that writes it: a process is told what happened in one that has died.

It is anonymous and shared with the children of whoever made it, so that there is no file to leave behind. What one process has stored
another sees, whatever ends the first. There is a mark, the last thing that was said, and a log of everything that is to be known
all together. Writing one of them is complete with its last byte: a process that is killed in the middle has written nothing.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from collections.abc import Iterator
from threading import Lock

SIZE = 1 << 28
"""Bytes that a log may have. Only what is written takes memory."""
_LENGTH = struct.Struct("=Q")
_CELL = 1 << 13
"""Bytes for a mark. There are two, for the last one is to be there while the next one is written."""
_CURRENT = _LENGTH.size
"""Where the number of the cell stands that counts."""
_FLAG = _CURRENT + 1
_LOG = 3 * _CELL
_OUT_OF_THE_WAY = 200


class BlackBox:
    """Written by one process, the one that calls `take`, and read by another.

    Args:
        size: Bytes of the log.
    """

    def __init__(self, size: int = SIZE) -> None:
        self._memory = mmap.mmap(-1, _LOG + size)
        self._lock = Lock()
        self.open = False
        """Whether this process may write."""
        kept = os.memfd_create("shapetrace")
        self.stack = fcntl.fcntl(kept, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
        """A file of no directory, for the stack of a process that crashes. No other is opened under a number as high as its own."""
        os.close(kept)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        self._nowhere = fcntl.fcntl(nowhere, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
        os.close(nowhere)

    def take(self) -> None:
        """This process is the one that writes; those that it forks write nothing."""
        self.open = True
        os.register_at_fork(after_in_child=self._leave)

    def _leave(self) -> None:
        self.open = False
        os.dup2(self._nowhere, self.stack, inheritable=False)

    @property
    def flag(self) -> bool:
        """One bit that costs nothing to change. The writer asks `open` before."""
        return bool(self._memory[_FLAG])

    @flag.setter
    def flag(self, on: bool) -> None:
        self._memory[_FLAG] = on

    def mark(self, content: bytes) -> None:
        """Put `content` in the place of the last mark. What is too long for it is left out."""
        if len(content) > _CELL - _LENGTH.size or not self.open:
            return
        memory = self._memory
        cell = 3 - (memory[_CURRENT] or 1)
        at = cell * _CELL
        memory[at : at + _LENGTH.size + len(content)] = _LENGTH.pack(len(content)) + content
        memory[_CURRENT] = cell

    def append(self, content: bytes) -> bool:
        """Add `content` to the log. Returns whether there was room for it."""
        if not self.open:
            return False
        with self._lock:
            (end,) = _LENGTH.unpack_from(self._memory)
            at = _LOG + end
            after = at + _LENGTH.size + len(content)
            if after > len(self._memory):
                return False
            self._memory[at:after] = _LENGTH.pack(len(content)) + content
            _LENGTH.pack_into(self._memory, 0, after - _LOG)
            return True

    def last_mark(self) -> bytes:
        """What was marked last; empty where nothing was."""
        cell = self._memory[_CURRENT]
        return self._piece(cell * _CELL) if cell else b""

    def log(self) -> Iterator[bytes]:
        """What was added, in this order."""
        (end,) = _LENGTH.unpack_from(self._memory)
        at = _LOG
        while at < _LOG + end:
            piece = self._piece(at)
            at += _LENGTH.size + len(piece)
            yield piece

    def _piece(self, at: int) -> bytes:
        (length,) = _LENGTH.unpack_from(self._memory, at)
        return self._memory[at + _LENGTH.size : at + _LENGTH.size + length]
