"""Finds plugins by their entry points, and outlives the broken ones.

A plugin that cannot be loaded, or brings something that is no remedy, costs one sentence in `problems()` and nothing
else: a stranger's package must not keep anybody from exporting.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import entry_points
from typing import Any

import pluggy

from shapetrace.errors import RemedyError
from shapetrace.remedies.protocol import Hooks, Remedy, mistake

GROUP = "shapetrace"
"""The entry point group that plugins register under."""

BUILTIN = ("shapetrace.remedies.symbolic_dims",)
"""Modules of the package itself that bring remedies through the same hooks."""


@dataclass
class Plugins:
    """The plugins that are installed, loaded."""

    manager: pluggy.PluginManager
    problems: list[str] = field(default_factory=list)
    """One sentence for each plugin, or part of one, that was skipped."""

    @cached_property
    def remedies(self) -> dict[str, Remedy]:
        """By name, the most specific first."""
        found: dict[str, Remedy] = {}
        for plugin, brought in self._call("shapetrace_remedies"):
            for remedy in brought:
                trouble = mistake(remedy)
                if trouble is None and remedy.name in found:
                    trouble = f"another plugin has a remedy called {remedy.name!r} already"
                if trouble is None:
                    found[remedy.name] = remedy
                else:
                    self.problems.append(f"a remedy of the plugin {plugin} was skipped: {trouble}")
        return dict(sorted(found.items(), key=lambda item: (-item[1].specificity, item[0])))

    @cached_property
    def rules(self) -> list[Any]:
        """What plugins brought as rules."""
        return [rule for _, brought in self._call("shapetrace_rules") for rule in brought]

    @cached_property
    def reports(self) -> dict[str, Callable[..., str]]:
        """By ending of the file, what plugins brought as reports."""
        formats: dict[str, Callable[..., str]] = {}
        for _, brought in self._call("shapetrace_reports", Mapping):
            formats.update(brought)
        return formats

    def _call(self, hook: str, kind: type = Sequence) -> list[tuple[str, Any]]:
        """The results of one hook, plugin by plugin, so that one that raises costs only itself."""
        results = []
        for name, plugin in self.manager.list_name_plugin():
            others = [other for other in self.manager.get_plugins() if other is not plugin]
            caller = self.manager.subset_hook_caller(hook, others)
            try:
                for brought in caller():
                    if not isinstance(brought, kind):
                        raise TypeError(f"{hook} returned {type(brought).__name__}, not a {kind.__name__.lower()}")
                    results.append((name, brought))
            except Exception as error:
                self.problems.append(f"{hook} of the plugin {name} was skipped: {type(error).__name__}: {error}")
        return results


_lock = threading.Lock()
_plugins: Plugins | None = None


def plugins() -> Plugins:
    """The plugins that are installed; loaded at the first call."""
    global _plugins
    with _lock:
        if _plugins is None:
            _plugins = _load()
        return _plugins


def forget() -> None:
    """Look for plugins anew at the next call, as after installing one."""
    global _plugins
    with _lock:
        _plugins = None
        importlib.invalidate_caches()


def _load() -> Plugins:
    manager = pluggy.PluginManager("shapetrace")
    manager.add_hookspecs(Hooks)
    found = Plugins(manager)
    for module in BUILTIN:
        if importlib.util.find_spec(module) is not None:
            manager.register(importlib.import_module(module), name=module)
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        if manager.has_plugin(point.name):
            continue  # a package that is on the path twice, or installed over another of the same name
        try:
            plugin = point.load()
            manager.register(plugin, name=point.name)
        except Exception as error:
            found.problems.append(
                f"the plugin {point.name} ({point.value}) was skipped: {type(error).__name__}: {error}"
            )
    return found


def all_remedies() -> list[Remedy]:
    """Every remedy that is installed, the most specific first."""
    return list(plugins().remedies.values())


def problems() -> list[str]:
    """What was skipped while loading plugins, a sentence each."""
    all_remedies()
    return list(plugins().problems)


def get(name: str) -> Remedy:
    """The remedy of that name.

    Args:
        name: Such as `rtdetrv2`.

    Raises:
        RemedyError: There is none. The text says which there are, and why a plugin of that name was skipped.
    """
    known = plugins().remedies
    if name in known:
        return known[name]
    skipped = next((problem for problem in plugins().problems if f"plugin {name} " in problem), "")
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(known) or 'none'}"
    raise RemedyError(f"there is no remedy {name!r}; {skipped or hint}")
