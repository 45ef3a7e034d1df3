"""Calls back when a script has imported a module, so that it is imported when and how the script does it.

Paddle reads environment variables while it is imported, and scripts set them first.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class OnImport(MetaPathFinder):
    """Finds one module as it would be found without us, and calls `done` once it has been executed.

    Args:
        name: Name of a top-level module.
        done: Called once. What it raises comes out of the script's import statement.
    """

    def __init__(self, name: str, done: Callable[[], None]) -> None:
        self.name = name
        self.done = done
        self.begins: Callable[[], None] = lambda: None
        """Called before that, when the module is about to be executed."""

    def install(self) -> None:
        """Begin to look out for the module; call back at once when it is there already."""
        if self.name in sys.modules:
            self.done()
        else:
            sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Stop looking out."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module through the other finders, and have its execution tell us."""
        if fullname != self.name:
            return None
        self.remove()
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            self._follow(spec, spec.loader)
        return spec

    def _follow(self, spec: ModuleSpec, loader: Loader) -> None:
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            del loader.exec_module
            self.begins()
            execute(module)
            self.done()

        loader.exec_module = exec_module  # type: ignore[method-assign]
