"""What a project says once for all its runs: `[tool.shapetrace]` in its pyproject.toml."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from shapetrace import claims
from shapetrace.claims import Dims
from shapetrace.errors import UsageError
from shapetrace.reports import translations
from shapetrace.said import Sentence, said
from shapetrace.suppression import Choice, codes
from shapetrace.trace import SEVERITIES, Severity

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_NAME = "pyproject.toml"


class Settings(NamedTuple):
    """The settings of a project, each as the option of the same name would have it."""

    folder: str = ""
    """Where their file stands; empty where there is none."""
    remedies: tuple[str, ...] = ()
    dims: Dims = {}  # noqa: RUF012  never changed
    fail_on: Severity | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    lang: str | None = None

    @property
    def choice(self) -> Choice:
        """Which findings are wanted.

        Raises:
            UsageError: There is no such rule.
        """
        select, ignore = (codes(texts, f"{self._file}: {key}") for key, texts in self._lists().items())
        return Choice(select, ignore, self.exclude, self.folder)

    @property
    def _file(self) -> str:
        return os.path.join(os.path.relpath(self.folder), _NAME).removeprefix("./") if self.folder else _NAME

    def _lists(self) -> dict[str, tuple[str, ...]]:
        return {"select": self.select, "ignore": self.ignore}


def find(folder: str | os.PathLike[str] | None = None) -> Settings:
    """The settings of the nearest pyproject.toml that has some, in a folder or above it.

    Args:
        folder: Where to begin; the current directory when None.

    Raises:
        UsageError: The file cannot be read, or a setting in it is unknown or wrong.
    """
    try:
        start = Path(folder if folder is not None else os.curdir).resolve()
    except OSError:  # the directory is gone
        return Settings()
    for directory in (start, *start.parents):
        path = directory / _NAME
        if path.is_file():
            tool = _read(path).get("tool", {})
            if isinstance(tool, dict) and "shapetrace" in tool:
                return _settings(path, tool["shapetrace"])
    return Settings()


def _read(path: Path) -> dict[str, Any]:
    """A file of which a tool that is not asked for may have made anything: where it cannot be read, that is said."""
    shown = os.path.relpath(path)
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(said("cannot read {}: {}", shown, error.strerror)) from None
    except ValueError as error:  # no TOML, or no UTF-8
        raise UsageError(said("cannot read {}: {}", shown, error)) from None


def _settings(path: Path, table: object) -> Settings:
    shown = f"{os.path.relpath(path)}: [tool.shapetrace]"
    if not isinstance(table, dict):
        raise UsageError(said("{} must be a table", shown))
    read: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _READERS:
            near = difflib.get_close_matches(key, _READERS, n=1)
            also = said("did you mean {}?", near[0]) if near else said("there are {}", ", ".join(_READERS))
            raise UsageError(said("{} has no setting {}: {}", shown, repr(key), also))
        reader, wanted = _READERS[key]
        try:
            read[key.replace("-", "_")] = reader(value)
        except TypeError:
            raise UsageError(said("{}: {} must be {}", shown, key, wanted)) from None
        except UsageError as error:
            raise UsageError(said("{}: {}: {}", shown, key, error)) from None
    return Settings(str(path.parent), **read)


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise TypeError
    return tuple(value)


def _dims(value: object) -> Dims:
    if not isinstance(value, dict):
        raise TypeError
    read = {name: _axes(axes) for name, axes in value.items()}
    claims.by_name(read)
    return read


def _axes(value: object) -> tuple[str, ...]:
    entries = value.split(",") if isinstance(value, str) else value
    if not isinstance(entries, list) or not all(type(entry) in (str, int) for entry in entries):
        raise TypeError
    return tuple(str(claims.read(entry)) for entry in entries)


def _level(value: object) -> Severity:
    for level in SEVERITIES:
        if value == level:
            return level
    raise TypeError


def _lang(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return translations.language(value)


_READERS: dict[str, tuple[Callable[[object], Any], Sentence]] = {
    "remedies": (_names, said('a list of names, such as ["auto"]')),
    "dims": (_dims, said('a table, such as {image = ["B", 3, "H=32*k", "W=32*k"]}')),
    "fail-on": (_level, said("error, warning or note")),
    "select": (_names, said('a list of codes, such as ["ST1", "ST503"]')),
    "ignore": (_names, said('a list of codes, such as ["ST503"]')),
    "exclude": (_names, said('a list of files or folders, such as ["vendored", "tools/*.py"]')),
    "lang": (_lang, said("en or zh")),
}
