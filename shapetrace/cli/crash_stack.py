"""The stack of a process that crashed, as Python's `faulthandler` wrote it: the user's frames of it."""

from __future__ import annotations

import importlib.util
import linecache
import os
import re
import signal
import sysconfig

from shapetrace.capture.source import frames
from shapetrace.trace import Site

SIGNALS = {
    signal.SIGSEGV: "Segmentation fault",
    signal.SIGABRT: "Aborted",
    signal.SIGFPE: "Floating-point exception",
    signal.SIGBUS: "Bus error",
    signal.SIGILL: "Illegal instruction",
}
"""Those of a crash, and what `faulthandler` calls them; Python 3.10 to 3.13 write some in other letters."""
_HEAD = "Fatal Python error: "
_STACK = "(most recent call first):"
_FRAME = re.compile(r'  File "(.*)", line (\d+) in (.*)')
_REWRITTEN = f"{os.sep}to_static_tmp{os.sep}"
_LIBRARIES = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}", _REWRITTEN)


def read(descriptor: int, code: int) -> tuple[Site, ...]:
    """The user's frames, outermost first; none where no signal has ended the process, or did so in rewritten code.

    Args:
        descriptor: Of the file that it was written to.
        code: The exit code of the process, or the negative number of its signal.
    """
    found = _frames(descriptor, code)
    inner = next((file for file, *_ in found if _REWRITTEN in file or _users(file)), _REWRITTEN)
    if _REWRITTEN in inner:  # which line it was rewritten from is known to the process that is gone
        return ()
    return tuple(_site(*frame) for frame in reversed(found) if _users(frame[0]))


def is_in(package: str, descriptor: int, code: int) -> bool:
    """Whether a process has crashed in what an installed package does.

    Args:
        package: Its name, as it is imported.
        descriptor: As for `read`.
        code: As for `read`.
    """
    directories = tuple(f"{library}{package}{os.sep}" for library in _LIBRARIES[:2])
    return any(directory in file for file, *_ in _frames(descriptor, code) for directory in directories)


def _frames(descriptor: int, code: int) -> list[tuple[str, int, str]]:
    """All frames, as file, line and function, innermost first."""
    told = os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode(errors="replace")
    if code == -signal.SIGTERM:
        return _listed(told.rpartition(_STACK)[2])
    text = told.rpartition(_HEAD)[2]
    if -code not in SIGNALS or not _letters(text).startswith(_letters(SIGNALS[signal.Signals(-code)])):
        return []
    return _listed(text)


def _listed(text: str) -> list[tuple[str, int, str]]:
    return [(file, int(line), function) for file, line, function in _FRAME.findall(text)]


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def _site(file: str, line: int, function: str) -> Site:
    code = linecache.getline(file, line)
    text = code.strip()
    column = len(code) - len(code.lstrip()) if text else 0
    return Site(file, line, column, line, column + len(text), text, function)


def _users(file: str) -> bool:
    """Whether a file is neither Python's, nor Paddle's or another library's, nor ours, nor one of rewritten code."""
    return not (
        file.startswith(("<", frames.OWN_DIRECTORY, *_standard(), *_paddles()))
        or any(part in file for part in _LIBRARIES)
    )


def _standard() -> tuple[str, ...]:
    return tuple(path + os.sep for key in ("stdlib", "platstdlib") if (path := sysconfig.get_paths().get(key)))


def _paddles() -> tuple[str, ...]:
    """Where Paddle is, which is not imported for that."""
    spec = importlib.util.find_spec("paddle")
    places = spec.submodule_search_locations if spec is not None else None
    return tuple(path + os.sep for path in places or ())
