"""The reports: each one function of a Trace, chosen by its name or by the ending of the path to write.

The reports of plugins join them. The functions are imported when they are asked for,
since what they stand on (graphviz, jinja2, rich) takes longer to import than most traces take to read.
"""

from __future__ import annotations

import importlib
import inspect
import os
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from shapetrace import atomic_write
from shapetrace.errors import ReportError, ShapetraceError, UsageError
from shapetrace.said import Sentence, said
from shapetrace.trace import Trace

__all__ = ["Format", "format_of", "formats", "missing", "register", "render", "write"]

_DRAWING = "shapetrace.reports.drawing:render"

Function = Callable[..., str | bytes]
"""Takes a Trace, and as keywords those of the options (`lang`, `command`, ...) that it cares for."""


class Format(NamedTuple):
    """One kind of report.

    Attributes:
        name: What people call it: `json`.
        endings: Of the paths it is written to, the usual one first: `(".json",)`.
        function: Makes it, or `module:name` of the function that does.
        fixed: Keywords that are always passed.
        plugin: Who brought it; empty for ours.
    """

    name: str
    endings: tuple[str, ...]
    function: Function | str
    fixed: dict[str, str] = {}  # noqa: RUF012  (never changed)
    plugin: str = ""

    def load(self) -> Function:
        """The function that makes this report."""
        if not isinstance(self.function, str):
            return self.function
        module, _, name = self.function.partition(":")
        function: Function = getattr(importlib.import_module(module), name)
        return function


_formats: dict[str, Format] = {}


def register(name: str, endings: tuple[str, ...], function: Function | str, **fixed: str) -> None:
    """Add a report.

    Args:
        name: What people call it, as in `--format NAME`.
        endings: Of the paths it is written to, each with its dot; may be empty.
        function: `function(trace, **options) -> str | bytes`, or `module:name` of it.
        fixed: Keywords that are always passed to it.

    Raises:
        UsageError: The name or an ending is taken.
    """
    for known in _formats.values():
        if name == known.name or set(endings) & set(known.endings):
            raise UsageError(
                said("the report {} ({}) is registered already, as {}", name, ", ".join(endings), known.name)
            )
    _formats[name] = Format(name, endings, function, fixed)


def formats() -> tuple[Format, ...]:
    """All reports there are, those of plugins last."""
    from shapetrace import discovery

    plugins = discovery.plugins()
    theirs = []
    for plugin, ending, function in plugins.reports.values():
        name = ending.removeprefix(".")
        ours = _ending_in(ending, _formats.values()) or _formats.get(name)  # ours is what such a path would get
        if ours is None:
            theirs.append(Format(name, (ending,), function, plugin=plugin))
        else:
            plugins.skip(plugin, "report", f"{ending} is that of shapetrace's report {ours.name}")
    return (*_formats.values(), *theirs)


def format_of(path: str | os.PathLike[str]) -> Format:
    """The report whose ending `path` has.

    Raises:
        UsageError: No report has it.
    """
    name = os.path.basename(os.fspath(path)).lower()
    found = _ending_in(name, _formats.values()) or _ending_in(name, formats())  # plugins only when they are needed
    if found is None:
        endings = ", ".join(ending for known in formats() for ending in known.endings)
        raise UsageError(
            said("cannot tell the format of {} from its ending: use one of {}{}", os.fspath(path), endings, _skipped())
        )
    return found


def _ending_in(name: str, known: Iterable[Format]) -> Format | None:
    matches = [(len(ending), one) for one in known for ending in one.endings if name.endswith(ending)]
    return max(matches, key=lambda match: match[0])[1] if matches else None


def _called(name: str, known: Iterable[Format]) -> Format | None:
    """The report of this name, or of this ending: `md` is `markdown`."""
    known = tuple(known)
    named = (one for one in known if one.name == name)
    return next(named, None) or next((one for one in known if f".{name}" in one.endings), None)


def _skipped() -> str:
    """What was left out of the reports, in case it is what was asked for."""
    from shapetrace import discovery

    return "".join(f"; {problem}" for problem in discovery.problems())


def missing(format: str) -> Sentence:
    """What is to be installed before a report can be made on this machine; empty where it can.

    Args:
        format: Name of a report.
    """
    known = _formats.get(format)
    if known is None or known.function != _DRAWING:
        return ""
    from shapetrace.reports import canvas

    return canvas.missing(format)


def render(trace: Trace, format: str, **options: Any) -> str | bytes:
    """Make a report.

    Args:
        trace: What to report on.
        format: Name of a report, such as `json`, or an ending of it, such as `md`.
        options: `lang`, `all`, `command`, ...; a report takes those it knows and is spared the others.

    Raises:
        UsageError: There is no such report.
        ReportError: It is a plugin's, and failed.
    """
    known = _called(format, _formats.values()) or _called(format, formats())
    if known is None:
        names = ", ".join(one.name for one in formats())
        raise UsageError(said("there is no report format {}: use one of {}{}", format, names, _skipped()))
    if not known.plugin:
        from shapetrace.reports import translations

        with translations.speaking(options.get("lang")):
            return _made(known, trace, options)
    called = f"the report {known.name} of the plugin {known.plugin}"
    try:
        content = _made(known, trace, options)
    except ShapetraceError:
        raise
    except Exception as error:
        raise ReportError(said("{} failed: {}: {}", called, type(error).__name__, error)) from error
    if not isinstance(content, str | bytes):
        raise ReportError(said("{} failed: it gave {}, neither text nor bytes", called, type(content).__name__))
    return content


def _made(known: Format, trace: Trace, options: dict[str, Any]) -> str | bytes:
    function = known.load()
    accepted = inspect.signature(function).parameters
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in accepted.values())
    passed = {name: value for name, value in options.items() if takes_all or name in accepted}
    return function(trace, **passed, **known.fixed)


def write(trace: Trace, path: str | os.PathLike[str], format: str | None = None, **options: Any) -> None:
    """Write a report.

    Args:
        trace: What to report on.
        path: Where to. Its ending chooses the report unless `format` does.
        format: Name of a report.
        options: See `render`.

    Raises:
        UsageError: The ending or the format is unknown, or the file cannot be written.
        ReportError: The report is a plugin's, and failed.
    """
    content = render(trace, format or format_of(path).name, **options)
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    try:
        atomic_write.write(path, data)
    except OSError as error:
        raise UsageError(said("cannot write the report {}: {}", os.fspath(path), error.strerror)) from None


register("text", (".txt",), "shapetrace.reports.text:render")
register("json", (".json",), "shapetrace.reports.json_report:render")
register("html", (".html", ".htm"), "shapetrace.reports.html:render")
for _name in ("svg", "png", "pdf", "dot"):
    register(_name, (f".{_name}",), _DRAWING, format=_name)
register("markdown", (".md",), "shapetrace.reports.markdown:render")
register("sarif", (".sarif", ".sarif.json"), "shapetrace.reports.sarif:render")
register("github", (), "shapetrace.reports.github:render")
register("junit", (".xml",), "shapetrace.reports.junit:render")
