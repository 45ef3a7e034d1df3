"""Makes a trace fit to be shown to strangers: paths that tell nothing of the machine, and no source if so wished.

A trace names the files of the user's code by their absolute paths, and quotes the lines its findings are about. Paths are
shortened wherever they stand, in the text of an exception too.
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from shapetrace.trace import Trace, file

T = TypeVar("T", bound=Trace)

_SITE = re.compile(r"""[^\s"']*?[\\/](?=(?:site|dist)-packages[\\/])""")
_CODE = frozenset({"code", "expression", "list_code", "iterated", "bound", "condition"})
_CODES = frozenset({"written"})


def redacted(trace: T, root: str | os.PathLike[str] | None = None, *, source: bool = True) -> T:
    """A copy of a trace with short paths.

    Args:
        trace: The trace; it is left as it is.
        root: Directory that paths are made relative to; the current one when None. A path outside of it is cut to what
            follows the directory with `site-packages`, or to its file name after `.../`.
        source: False to leave out the source as well: files, quoted lines, expressions and fixes. The messages of findings
            still name functions and variables, and layers keep their names.

    Returns:
        The copy. What it holds is all that `Trace.save` would write of it.
    """
    tree = file.as_tree(trace)
    if not source:
        tree["sources"], tree["files"] = {}, {}
        tree = _without_code(tree)
    return msgspec.convert(_mapped(tree, _shortener(trace, os.path.abspath(root or "."))), type(trace))


def _shortener(trace: Trace, root: str) -> Callable[[str], str]:
    """What shortens each path in a text."""
    own = root.rstrip(os.sep) + os.sep
    library = {path for key in ("stdlib", "platstdlib") if (path := sysconfig.get_path(key))} | {sys.prefix}
    repaired = (
        repair.site.file for applied in trace.remedies for repair in applied.repaired if repair.site is not None
    )
    folders = {
        os.path.dirname(path) + os.sep
        for path in (*(site.file for site in trace.sites), *(verified.path for verified in trace.verified), *repaired)
        if os.path.isabs(path) and not path.startswith(own) and not _SITE.match(path)
    }
    # The longest first, so that a directory does not hide what is inside it.
    outside = sorted({*folders, *(path + os.sep for path in library)}, key=len, reverse=True)

    def short(text: str) -> str:
        if os.sep not in text:
            return text
        text = _SITE.sub("", text.replace(own, ""))
        for folder in outside:
            text = text.replace(folder, f"...{os.sep}")
        return text

    return short


def _mapped(tree: Any, change: Callable[[str], str]) -> Any:
    """The tree with each text in it changed, keys too."""
    if isinstance(tree, str):
        return change(tree)
    if isinstance(tree, dict):
        return {_mapped(key, change): _mapped(value, change) for key, value in tree.items()}
    return [_mapped(item, change) for item in tree] if isinstance(tree, list) else tree


def _without_code(tree: Any) -> Any:
    """The tree without what is the user's code in it."""
    if isinstance(tree, list):
        return [_without_code(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    return {
        key: ""
        if key in _CODE
        else []
        if key in _CODES
        else None
        if key == "fix"
        else []
        if key == "fixed"
        else _without_code(value)
        for key, value in tree.items()
    }
