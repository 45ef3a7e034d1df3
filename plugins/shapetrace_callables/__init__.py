"""Teaches Paddle's conversion to rewrite callables that it runs as they stand.

In code that is not rewritten, an unknown dim is the Python int -1, and everything computed from it is wrong. While
this remedy is applied, the conversion also rewrites

* what a `functools.partial` holds: nested, with keywords, a bound method, a layer;
* functions that it does not find among the globals of their module: those kept on an object, reached as
  `SomeClass.method`, defined inside another function, or put around another one by a decorator without `wraps`;
* lambdas.

It leaves alone generators and coroutines (their bodies run after the call, when nothing is converted), whatever is
marked `not_to_static` or belongs to an ignored module (somebody said so), functions whose source cannot be read or
that assign to `nonlocal` variables, the standard library, callables written in C (`functools.lru_cache` among them),
and what Python itself calls: properties, operators, and functions handed to `map` or `sorted`.
"""

from __future__ import annotations

from shapetrace.plugin import hookimpl
from shapetrace_callables.remedy import Callables

__all__ = ["Callables", "shapetrace_remedies"]


@hookimpl
def shapetrace_remedies() -> list[Callables]:
    """The remedy of this plugin."""
    return [Callables()]
