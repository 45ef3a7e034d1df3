"""Which files a model is made of: its module or script, what that imports below the root, and the configs it is given, and the project's settings.

They are found without running anything. What is imported by a name that is computed is not found: `code` in the sweep file names it.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from shapetrace import settings
from shapetrace.sweep.jobs import Job

_CONFIGS = (".yml", ".yaml", ".toml", ".json")
_PIECE = 1 << 20
_PATH = re.compile(r"[\w./+-]+\.(?:ya?ml|toml|json)\b")


def files(job: Job) -> list[tuple[str, str]]:
    """Name, relative to the root, and SHA-256 of each file, in order of names."""
    root = Path(job.root)
    found: set[Path] = set()
    for start in _starts(job, root):
        found |= _reached(start, root)
    for argument in (*job.arguments, job.factory.rpartition(":")[2]):  # a module may make factories of configs
        for word in argument.split("="):
            path = root / word
            if word and path.is_file():
                found |= _reached(path, root)
    project = settings.find(root).folder
    found |= {Path(project, "pyproject.toml")} if project else set()
    found |= {path for pattern in job.code for path in root.glob(pattern) if path.is_file()}
    return sorted((_named(path, root), _digest(path)) for path in found)


def _starts(job: Job, root: Path) -> list[Path]:
    module = job.module or job.factory.rpartition(":")[0]
    if job.script or module.endswith(".py"):
        script = root / (job.script or module)
        return [script] if script.is_file() else []
    return _modules(module, [root])


def _modules(name: str, places: list[Path]) -> list[Path]:
    """The files of a module and its packages, where it stands in one of some directories."""
    parts = name.split(".")
    for place in places:
        found = []
        for count in range(1, len(parts) + 1):
            path = place.joinpath(*parts[:count])
            found += [each for each in (path / "__init__.py", path.with_name(f"{path.name}.py")) if each.is_file()]
        if found:
            main = place.joinpath(*parts) / "__main__.py"
            return [*found, main] if main.is_file() else found
    return []


@cache
def _reached(start: Path, root: Path) -> frozenset[Path]:
    """A file and all that it leads to."""
    places = list(dict.fromkeys((start.parent, root)))
    found, left = set(), [start]
    while left:
        path = left.pop().resolve()
        if path not in found:
            found.add(path)
            left += _leads_to(path, root, places)
    return frozenset(found)


def _leads_to(path: Path, root: Path, places: list[Path]) -> Iterator[Path]:
    if path.suffix == ".py":
        for name in _imports(path, root):
            yield from _modules(name, places)
    elif path.suffix in _CONFIGS:
        yield from _mentioned(path, root)


@cache
def _imports(path: Path, root: Path) -> tuple[str, ...]:
    """What a file imports, by full names where they are relative."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return ()  # importing it will tell
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, (_package(path, root, node.level), node.module)))
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return tuple(dict.fromkeys(filter(None, names)))


def _package(path: Path, root: Path, level: int) -> str:
    """The package that a relative import in a file starts from; nothing for an absolute one."""
    if not level or not path.is_relative_to(root):
        return ""
    parts = path.parent.relative_to(root).parts
    return ".".join(parts[: len(parts) - level + 1])


def _mentioned(path: Path, root: Path) -> Iterator[Path]:
    """The configs that a config names, `_BASE_` among them."""
    for text in _PATH.findall(path.read_text("utf-8", "replace")):
        for place in (path.parent, root):
            if (place / text).is_file():
                yield place / text


@cache
def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _named(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
