"""Whose code a frame runs, and the stack of frames at a moment, kept small enough to take often.

A frame is kept as `Place`, its code object and instruction offset, since frames themselves hold on to
every local of the user's. `sites.py` turns places into source ranges when the watch closes.
"""

from __future__ import annotations

import dis
import os
import sys
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any, NamedTuple

from shapetrace import errors

USER, REWRITTEN, PADDLE, STDLIB, OWN = "user", "rewritten", "paddle", "stdlib", "shapetrace"

OWN_DIRECTORY = os.path.dirname(os.path.abspath(errors.__file__)) + os.sep
RUN = OWN_DIRECTORY + "cli/program.py"
"""What runs a script: the script's own stack ends there."""
_STDLIB_DIRECTORIES = tuple(
    path + os.sep for key in ("stdlib", "platstdlib") if (path := sysconfig.get_paths().get(key))
)
_SITE_DIRECTORIES = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_MODELS = f"{os.sep}paddle{os.sep}vision{os.sep}models{os.sep}"
"""Models that ship with Paddle: read as a user's, for nobody has lines of them otherwise."""
_OF_MANY_FRAMEWORKS = frozenset({"einops", "opt_einsum"})
"""Packages that serve Paddle among others."""
_COMPILED = (".pyx", ".pxd", ".pxi")
"""Endings of what Cython names in a traceback, such as `numpy/random/mtrand.pyx`: the code itself is not there."""
_REWRITTEN_DIRECTORY = f"{os.sep}to_static_tmp{os.sep}"  # paddle/jit/dy2static/utils.py:get_temp_dir

_BESIDE = frozenset({"CACHE", "PRECALL", "PUSH_NULL"})
"""Instructions that stand between a function and its call."""

_kinds: dict[str, str] = {}


class Place(NamedTuple):
    """A point in running code."""

    code: CodeType
    offset: int
    line: int

    @property
    def kind(self) -> str:
        """Whose code it is."""
        return kind(self.code.co_filename)


Stack = tuple[Place, ...]
"""Places from the innermost outwards."""


def kind(filename: str) -> str:
    """Whose code a file holds: `user`, `rewritten` (by dy2static, from the user's), `paddle`, `stdlib`, `shapetrace`.

    `stdlib` is also the code of installed packages that know nothing of Paddle.
    """
    owner = _kinds.get(filename)
    if owner is None:
        owner = _kinds[filename] = _classify(filename)
    return owner


def _classify(filename: str) -> str:
    if filename.startswith(OWN_DIRECTORY):
        return OWN
    if _REWRITTEN_DIRECTORY in filename:
        return REWRITTEN
    if filename.startswith("<frozen ") or filename.endswith(_COMPILED):
        return STDLIB
    if filename.startswith(_paddle_directories()):
        return USER if _MODELS in filename else PADDLE
    if _is_decorator(filename):
        return STDLIB
    if filename.startswith(_STDLIB_DIRECTORIES) and not any(part in filename for part in _SITE_DIRECTORIES):
        return STDLIB
    return STDLIB if _is_library(filename) else USER


def _is_library(filename: str) -> bool:
    """Whether a file is of an installed package that knows nothing of Paddle, such as NumPy.

    What runs in there is what the user called, so that the user's line is the place; an installed package that uses Paddle
    holds models, and is looked into.
    """
    directory = next((part for part in _SITE_DIRECTORIES if part in filename), None)
    if directory is None:
        return False
    package = filename.rpartition(directory)[2].partition(os.sep)[0].removesuffix(".py")
    return package in _OF_MANY_FRAMEWORKS or _knows_no_paddle(package, len(sys.modules))


@lru_cache(maxsize=64)
def _knows_no_paddle(package: str, imported: int) -> bool:
    """Whether an installed package knows nothing of Paddle, so long as so many modules are imported."""
    modules = [
        module for name, module in list(sys.modules.items()) if name == package or name.startswith(f"{package}.")
    ]
    return bool(modules) and not any(map(_uses_paddle, modules))


def _uses_paddle(module: Any) -> bool:
    for value in list(getattr(module, "__dict__", {}).values()):
        home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "")
        if isinstance(home, str) and (home == "paddle" or home.startswith("paddle.")):
            return True
    return False


def _paddle_directories() -> tuple[str, ...]:
    paddle = sys.modules.get("paddle")
    return tuple(path + os.sep for path in getattr(paddle, "__path__", ()))


def _is_decorator(filename: str) -> bool:
    """Whether a file is of the package `decorator`, through which Paddle 2.6 calls its own functions."""
    decorator = sys.modules.get("decorator")
    return filename.startswith("<decorator-gen") or filename == getattr(decorator, "__file__", None)


def is_users(kind: str) -> bool:
    """True for code the user wrote, rewritten or not."""
    return kind is USER or kind is REWRITTEN


def users(frame: FrameType) -> bool:
    """Whether a frame runs code that the user wrote, rewritten or not."""
    return is_users(kind(frame.f_code.co_filename))


def innermost(frame: FrameType | None) -> FrameType | None:
    """The first frame from `frame` outwards that runs the user's code. It is asked for at every op."""
    kinds = _kinds
    while frame is not None:
        filename = frame.f_code.co_filename
        of = kinds.get(filename) or kind(filename)
        if of is USER or of is REWRITTEN:
            return frame
        frame = frame.f_back
    return None


def caller(frame: FrameType | None) -> FrameType | None:
    """The first frame from `frame` outwards that is the user's or Paddle's."""
    while frame is not None and kind(frame.f_code.co_filename) in (OWN, STDLIB):
        frame = frame.f_back
    return frame


def runs_comprehension(code: CodeType) -> bool:
    """Whether code is that of a comprehension: of a generator it always is, of others before Python 3.12."""
    return code.co_name in _COMPREHENSIONS


_COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})


def variables(frame: FrameType) -> Mapping[str, Any]:
    """The local variables of a running frame; none where looking at them would change what its code does.

    Before Python 3.13 a frame has one dict for `locals()` and `f_locals` alike, which is filled anew by whoever asks. A
    constructor that keeps `locals()` and takes `self` out of it, as `paddle.nn.TransformerEncoderLayer` does, would have
    it back.
    """
    return {} if keeps_locals(frame.f_code) else frame.f_locals


@lru_cache(maxsize=4096)
def keeps_locals(code: CodeType) -> bool:
    """Whether a function keeps the dict that `locals()` gives.

    It may hand its items on (`f(**locals())`), or ask for a name (`"x" in locals()`, as the asserts that pytest has rewritten do).
    """
    if sys.version_info >= (3, 13) or not {"locals", "vars"} & {*code.co_names}:
        return False
    instructions = [item for item in dis.get_instructions(code) if item.opname not in _BESIDE]
    return any(
        before.argval in ("locals", "vars")
        and call.opname.startswith("CALL")
        and after.opname not in ("DICT_MERGE", "CONTAINS_OP")
        for before, call, after in zip(instructions, instructions[1:], instructions[2:], strict=False)
    )


def instruction(frame: FrameType) -> int:
    """The instruction that a frame is at: `f_lasti` may be within the cache behind it while a Python function is called."""
    return last_instruction(frame.f_code, frame.f_lasti)


@lru_cache(maxsize=4096)
def last_instruction(code: CodeType, offset: int) -> int:
    """The last instruction that does not begin behind an offset; -1 for none."""
    offsets = (item.offset for item in dis.get_instructions(code) if item.opname != "CACHE" and item.offset <= offset)
    return max(offsets, default=-1)


@lru_cache(maxsize=4096)
def handed_on(code: CodeType, offset: int) -> int:
    """The instruction whose result the frame hands on that returns or yields at an offset; -1 for none.

    Python 3.13 stands behind the `YIELD_VALUE` then, earlier ones at it.
    """
    before = [item for item in dis.get_instructions(code) if item.opname != "CACHE" and item.offset < offset]
    if before and before[-1].opname == "YIELD_VALUE":
        before.pop()
    return before[-1].offset if before else -1


def stack(frame: FrameType | None) -> Stack:
    """The places from `frame` outwards, without shapetrace's own."""
    places = []
    while frame is not None:
        code = frame.f_code
        if kind(code.co_filename) is not OWN:
            places.append(Place(code, frame.f_lasti, frame.f_lineno))
        frame = frame.f_back
    return tuple(places)


def traceback_frames(traceback: TracebackType | None) -> list[tuple[FrameType, Place]]:
    """The frames of a traceback with the places that raised, innermost first, without shapetrace's own."""
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if kind(code.co_filename) is not OWN:
            frames.append((traceback.tb_frame, Place(code, traceback.tb_lasti, traceback.tb_lineno)))
        traceback = traceback.tb_next
    frames.reverse()
    return frames


def leave_no_frame(error: BaseException) -> None:
    """Take our frames out of the traceback of an exception that one of them has just caught; a bare `raise` must follow.

    Python adds the running frame to a traceback before the handler sees it, and not again on a bare `raise`, so the
    user's traceback is the one that Paddle's function gives without us. Python 3.10 raises with the traceback that it
    kept, and shows the outermost of our frames.
    """
    with suppress(Exception):  # it is Paddle's exception that matters, and it may show a frame of ours then
        error.__traceback__ = _without_own(error.__traceback__)


def _without_own(traceback: TracebackType | None) -> TracebackType | None:
    while traceback is not None and kind(traceback.tb_frame.f_code.co_filename) is OWN:
        traceback = traceback.tb_next
    last = traceback
    while last is not None:
        following = last.tb_next
        while following is not None and kind(following.tb_frame.f_code.co_filename) is OWN:
            following = following.tb_next
        if following is not last.tb_next:
            last.tb_next = following
        last = following
    return traceback
