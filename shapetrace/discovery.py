"""Finds and loads plugins by their entry points.

A plugin that cannot be loaded, or brings something that is no remedy, rule or report, costs one sentence in
`problems()` and nothing else: a stranger's package must not keep anybody from exporting.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import re
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import entry_points
from typing import Any, NamedTuple

import pluggy

from shapetrace.errors import RemedyError, UsageError, in_words
from shapetrace.plugin import Engine, Hooks, Remedy, Rule
from shapetrace.said import Said, Sentence, listed, said
from shapetrace.trace import SEVERITIES

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CODE = re.compile(r"[A-Z]+[0-9]+")
_OWN_CODE = re.compile(r"ST[0-9]+")
_ENDING = re.compile(r"(\.[a-z0-9_-]+)+")

GROUP = "shapetrace"
"""The entry point group that plugins register under."""

BUILTIN = ("shapetrace.remedies.symbolic_dims", "shapetrace.verify.engines")
"""Modules of the package itself that bring something through the same hooks."""


class Report(NamedTuple):
    """What a plugin brought as a report: the ending of its files, and what makes their content of a trace."""

    plugin: str
    ending: str
    function: Callable[..., str | bytes]


@dataclass
class Plugins:
    """The plugins that are installed, loaded."""

    manager: pluggy.PluginManager
    problems: list[Sentence] = field(default_factory=list)
    """One sentence for each plugin, or part of one, that was skipped."""

    @cached_property
    def remedies(self) -> dict[str, Remedy]:
        """By name, the most specific first."""
        named: dict[str, Remedy] = self._named("shapetrace_remedies", "remedy", "name", remedy_mistake)
        return dict(sorted(named.items(), key=lambda item: (-item[1].specificity, item[0])))

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """By code, what plugins brought as rules."""
        return self._named("shapetrace_rules", "rule", "code", rule_mistake)

    @cached_property
    def engines(self) -> dict[str, Engine]:
        """By name, in the order in which they were brought."""
        return self._named("shapetrace_engines", "engine", "name", engine_mistake)

    @cached_property
    def reports(self) -> dict[str, Report]:
        """By ending, what plugins brought as reports."""
        by_ending: dict[str, Report] = {}
        for plugin, brought in self._call("shapetrace_reports", Mapping):
            for ending, function in brought.items():
                if not isinstance(ending, str) or not _ENDING.fullmatch(ending):
                    self.skip(plugin, "report", f"{ending!r} is no ending of a file, such as '.table'")
                elif not callable(function):
                    self.skip(plugin, "report", f"what makes {ending} is {function!r}, no function")
                elif ending in by_ending:
                    self.skip(plugin, "report", f"there is a report for {ending} already")
                else:
                    by_ending[ending] = Report(plugin, ending, function)
        return by_ending

    def skip(self, plugin: str, noun: str, why: str) -> None:
        """Note, once, that something of a plugin's is left out."""
        problem = said("a {} of the plugin {} was skipped: {}", noun, plugin, why)
        if problem not in self.problems:
            self.problems.append(problem)

    def _named(
        self,
        hook: str,
        noun: str,
        attribute: str,
        mistake: Callable[[object], str | None],
    ) -> dict[str, Any]:
        """What a hook brought that is sound, by its name."""
        sound: dict[str, Any] = {}
        for plugin, brought in self._call(hook):
            for item in brought:
                trouble = mistake(item)
                if trouble is None:
                    name = getattr(item, attribute)
                    if name in sound:
                        trouble = f"there is a {noun} {name} already"
                    else:
                        sound[name] = item
                if trouble is not None:
                    self.skip(plugin, noun, trouble)
        return sound

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
                self.problems.append(said("{} of the plugin {} was skipped: {}", hook, name, in_words(error)))
        return results


_lock = threading.RLock()  # a plugin may ask for the others while it is imported
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
    loaded = Plugins(manager)
    for module in BUILTIN:
        if importlib.util.find_spec(module) is not None:
            manager.register(importlib.import_module(module), name=module)
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        if manager.has_plugin(point.name):
            continue  # a package that is on the path twice, or installed over another of the same name
        try:
            plugin = point.load()
            manager.register(plugin, name=point.name)
            if trouble := _nothing_brought(manager, plugin):
                loaded.problems.append(said("the plugin {} ({}) brings nothing: {}", point.name, point.value, trouble))
        except (Exception, SystemExit) as error:  # some leave where they miss something
            loaded.problems.append(said("the plugin {} ({}) was skipped: {}", point.name, point.value, in_words(error)))
    return loaded


def _nothing_brought(manager: pluggy.PluginManager, plugin: object) -> str | None:
    """Why nothing will ever be asked of a plugin: no function of its is marked, or none has the name of a hook."""
    callers = manager.get_hookcallers(plugin) or []
    if any(caller.has_spec() for caller in callers):
        return None
    if not callers:
        return "none of its functions is marked with shapetrace.plugin.hookimpl"
    return f"there is no hook {' or '.join(caller.name for caller in callers)}"


def all_remedies() -> list[Remedy]:
    """Every remedy that is installed, the most specific first."""
    return list(plugins().remedies.values())


def problems() -> list[Sentence]:
    """What was skipped while loading plugins, a sentence each."""
    loaded = plugins()
    _ = loaded.remedies, loaded.rules, loaded.reports, loaded.engines  # each is looked at when it is first needed
    return list(loaded.problems)


def get(name: str) -> Remedy:
    """The remedy of that name.

    Args:
        name: Such as `rtdetrv2`.

    Raises:
        RemedyError: There is none. The text says which there are, and why a plugin of that name was skipped.
    """
    remedies = plugins().remedies
    if name not in remedies:
        raise RemedyError(said("there is no remedy {}; {}", repr(name), _instead(name, remedies)))
    return remedies[name]


def engine(name: str) -> Engine:
    """The engine of that name.

    Args:
        name: Such as `onnxruntime`.

    Raises:
        UsageError: There is none; the text says which there are.
    """
    engines = plugins().engines
    if name not in engines:
        raise UsageError(said("there is no engine {}; {}", repr(name), _instead(name, ["jit.load (always)", *engines])))
    return engines[name]


def _instead(name: str, names: Iterable[str]) -> Sentence:
    """Why a plugin of that name was skipped; else the name that was meant, or those that there are."""
    skipped = next((problem for problem in plugins().problems if f"plugin {name} " in str(problem)), "")
    close = difflib.get_close_matches(name, names := list(names), n=1)
    return skipped or (said("did you mean {}?", repr(close[0])) if close else said("there are: {}", listed(names)))


def engine_mistake(engine: object) -> str | None:
    """What keeps an object that a plugin brought from being an engine, as the end of a sentence."""
    if not isinstance(engine, Engine):
        return f"{engine!r} is not a shapetrace.plugin.Engine"
    for attribute in ("name", "summary", "install"):
        text = getattr(engine, attribute, None)
        if not isinstance(text, str) or not text:
            return f"{type(engine).__qualname__} has no {attribute}"
    if not _NAME.fullmatch(engine.name):
        return f"{engine.name!r} is no name for an engine: lower-case words joined by hyphens"
    if engine.format not in ("paddle", "onnx"):
        return f"`format` of {engine.name} is {engine.format!r}; it is 'paddle' or 'onnx'"
    for attribute, kinds in (("modules", str), ("variants", str | Said)):
        texts = getattr(engine, attribute, None)
        if not isinstance(texts, tuple) or any(not isinstance(text, kinds) for text in texts):
            return f"`{attribute}` of {engine.name} is {texts!r}; it is a tuple of texts"
    return None if engine.variants else f"{engine.name} has no variants"


def remedy_mistake(remedy: object) -> str | None:
    """What keeps an object that a plugin brought from being a remedy, as the end of a sentence."""
    if not isinstance(remedy, Remedy):
        return f"{remedy!r} is not a shapetrace.plugin.Remedy"
    for attribute in ("name", "summary"):
        text = getattr(remedy, attribute, None)
        if not isinstance(text, str) or not text:
            return f"{type(remedy).__qualname__} has no {attribute}"
    if not _NAME.fullmatch(remedy.name) or remedy.name == "auto":
        return f"{remedy.name!r} is no name for a remedy: lower-case words joined by hyphens, and not 'auto'"
    for attribute in ("requires", "rules", "causes"):
        texts = getattr(remedy, attribute)
        if (
            isinstance(texts, str)
            or not isinstance(texts, Collection)
            or any(not isinstance(text, str) for text in texts)
        ):
            return f"`{attribute}` of {remedy.name} is {texts!r}; it is a tuple or frozenset of texts"
    if not isinstance(remedy.specificity, int):
        return f"`specificity` of {remedy.name} is {remedy.specificity!r}; it is an int"
    return None


def rule_mistake(rule: object) -> str | None:
    """What keeps an object that a plugin brought from being a rule, as the end of a sentence."""
    if not isinstance(rule, Rule):
        return f"{rule!r} is not a shapetrace.plugin.Rule"
    if not isinstance(rule.code, str) or not _CODE.fullmatch(rule.code):
        return f"{rule.code!r} is no code of a rule: capital letters and then digits, such as ACME101"
    if _OWN_CODE.fullmatch(rule.code):
        return f"{rule.code} is a code of shapetrace's own: codes of plugins begin with other letters than ST"
    for attribute in ("title", "text"):
        if not isinstance(getattr(rule, attribute), str) or not getattr(rule, attribute):
            return f"{rule.code} has no {attribute}"
    if rule.severity not in SEVERITIES:
        return f"the severity of {rule.code} is {rule.severity!r}; there are {', '.join(SEVERITIES)}"
    if not callable(rule.find):
        return f"`find` of {rule.code} is {rule.find!r}, no function"
    return None
