"""Fixed source in place of what is in the files, for the length of a run: the files stay as they are.

A module is compiled from the fixed text when it is imported, and `linecache`, which `inspect` and so Paddle's conversion ask for source,
has that text too. Modules that were imported before are not changed.
"""

from __future__ import annotations

import json
import linecache
import os
from collections.abc import Callable, Iterable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

from shapetrace import source_files
from shapetrace.fix.patches import Patch


class InMemory:
    """The fixed texts of some files.

    Args:
        patches: The patches of the files.
    """

    def __init__(self, patches: Iterable[Patch]) -> None:
        self._texts = {os.path.realpath(patch.path): _plain(patch.after) for patch in patches}

    @classmethod
    def load(cls, path: str) -> InMemory:
        """Those that `save` has written."""
        made = cls(())
        made._texts = json.loads(Path(path).read_text(encoding="utf-8"))
        return made

    def save(self, path: str) -> None:
        """Write them to a file, for another process."""
        Path(path).write_text(json.dumps(self._texts), encoding="utf-8")

    def text(self, path: str) -> str | None:
        """The text to run in place of a file's; None for a file that is not fixed."""
        text = self._texts.get(os.path.realpath(path))
        if text is not None:
            linecache.cache[path] = (
                len(text),
                None,
                text.splitlines(keepends=True),
                path,
            )  # no time: never looked up again
        return text

    def install(self, *, to_be_fixed: bool = False) -> None:
        """Have modules imported from the fixed texts, until this process ends.

        Args:
            to_be_fixed: Whether further fixes are made of these texts, in place of what is in the files.
        """
        if to_be_fixed:
            source_files.in_memory.update(self._texts)
        original = SourceFileLoader.get_code
        SourceFileLoader.get_code = self._get_code(original)  # type: ignore[method-assign, assignment]

    def _get_code(
        self, original: Callable[[SourceFileLoader, str], CodeType | None]
    ) -> Callable[[SourceFileLoader, str], CodeType | None]:
        def get_code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
            path = loader.get_filename(fullname)
            text = self.text(path)
            if text is None:
                return original(loader, fullname)
            code: CodeType = compile(text, path, "exec", dont_inherit=True)
            return code

        return get_code


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
