"""Everything of Paddle's, and of what stands in for others, that a remedy or a watch could leave changed.

Compared by identity: an attribute that holds an equal object is not as it was.
"""

from __future__ import annotations

import operator
import sys
import threading
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

import paddle

import shapetrace

PACKAGES = ("paddle", "ppdet", "acme")
_MISSING = object()


class Snapshot:
    """What the modules, classes and functions of PACKAGES hold, and the state of the process that a watch touches."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._holders: list[tuple[str, Callable[[], Mapping[str, Any]], dict[str, Any]]] = []
        self._functions: list[tuple[str, FunctionType, Any, Any]] = []
        self._keep("the process", _process)
        for name, module in list(sys.modules.items()):
            if module is not None and _theirs(name):
                self._keep(name, lambda module=module: vars(module))

    def _keep(self, name: str, read: Callable[[], Mapping[str, Any]]) -> None:
        held = dict(read())
        self._holders.append((name, read, held))
        for attribute, value in held.items():
            value = value.__func__ if isinstance(value, staticmethod | classmethod) else value
            if id(value) in self._seen:
                continue
            if isinstance(value, FunctionType):
                self._seen.add(id(value))
                self._functions.append((f"{name}.{attribute}", value, value.__code__, value.__defaults__))
                self._keep(f"{name}.{attribute}", lambda value=value: vars(value))
            elif isinstance(value, type) and _theirs(str(getattr(value, "__module__", ""))):
                self._seen.add(id(value))
                self._keep(f"{name}.{attribute}", lambda value=value: vars(value))
            elif isinstance(value, dict) and name.startswith("acme"):
                self._keep(f"{name}.{attribute}", lambda value=value: value)

    def differences(self) -> list[str]:
        """What is not as it was, by name. Modules that were imported since do not count."""
        found = []
        for name, read, then in self._holders:
            now = read()
            if len(now) == len(then) and all(map(operator.is_, now.values(), then.values())):
                continue
            found += [
                f"{name}.{attribute}"
                for attribute in then.keys() | now.keys()
                if then.get(attribute, _MISSING) is not now.get(attribute, _MISSING)
                and f"{name}.{attribute}" not in sys.modules
            ]
        for name, function, code, defaults in self._functions:
            if function.__code__ is not code or function.__defaults__ is not defaults:
                found.append(f"the code of {name}")
        return sorted(found)


def _theirs(module: str) -> bool:
    return module.partition(".")[0] in PACKAGES


def _process() -> dict[str, Any]:
    return {
        "tracer": sys.gettrace(),
        "tracer of threads": getattr(threading, "_trace_hook", None),
        "dygraph": paddle.in_dynamic_mode(),
        "watch": sys.modules[shapetrace.watch.__module__]._open,
    }
