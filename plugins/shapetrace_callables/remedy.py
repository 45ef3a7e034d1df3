"""Puts our way of converting a call in front of Paddle's, everywhere Paddle looks for it."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar

from shapetrace.plugin import Finding, Probe, Remedy, Transaction, probing, said
from shapetrace_callables import rewriting

Convert = Callable[[Any], Any]


class Callables(Remedy):
    """See the package."""

    name = "callables"
    summary = "the conversion also rewrites partials, lambdas and functions that are no globals of their module"
    versions = "Paddle 2.6.2, 3.0.0 and 3.3.1"
    specificity = 50
    rules = frozenset(
        {
            *("ST101", "ST102", "ST103", "ST201", "ST202"),
            *("ST301", "ST302", "ST402", "ST503"),
        }
    )
    causes: ClassVar[frozenset[str]] = frozenset({"partial", "lambda", "not-global"})

    def answers(self, finding: Finding) -> bool:
        """By its rule and cause; but not what a function of `math` refuses: it wants a number in rewritten code too."""
        return super().answers(finding) and not (finding.sink is not None and finding.sink.op.startswith("math."))

    def probe(self) -> Probe:
        """See whether the conversion of a partial of a function of ours leaves the function as it is."""
        from paddle.jit.dy2static.convert_call_func import convert_call

        with probing.untouched():
            converted = convert_call(functools.partial(_sample, 1))
        if isinstance(converted, functools.partial) and converted.func is _sample:
            return Probe("present", said("the conversion runs what a functools.partial holds as it stands"))
        return Probe("absent", said("the conversion rewrites what a functools.partial holds"))

    def apply(self, transaction: Transaction) -> None:
        """Wrap `convert_call` in each module of Paddle that holds it."""
        import paddle.jit.dy2static as entry
        from paddle.jit.dy2static import convert_call_func

        known = (convert_call_func.convert_call, entry.Call)
        ours: dict[Any, Convert] = {convert: _Conversion(convert, transaction) for convert in known}
        for name, module in sorted(sys.modules.items()):
            if isinstance(module, ModuleType) and name.partition(".")[0] == "paddle":
                for attribute, held in list(vars(module).items()):
                    if any(held is convert for convert in known):
                        transaction.set(module, attribute, ours[held])


class _Conversion:
    """Paddle's `convert_call`, and what it leaves as it is converted after all."""

    def __init__(self, original: Convert, transaction: Transaction) -> None:
        self.original = original
        self.active = True
        transaction.callback(self._stop)

    def _stop(self) -> None:
        self.active = False

    def __call__(self, function: Any) -> Any:
        """Convert a callable, as `convert_call` does."""
        if not self.active:
            return self.original(function)
        if isinstance(function, functools.partial) and type(function).__call__ is functools.partial.__call__:
            inner = self(function.func)
            return function if inner is function.func else functools.partial(inner, *function.args, **function.keywords)
        converted = self.original(function)
        _, bare = _unwrap(function)
        if converted is not bare:
            return converted
        return rewriting.rewritten(bare) or converted


def _unwrap(function: Any) -> tuple[Any, Any]:
    """The function inside what `to_static` made of it."""
    from paddle.jit.dy2static.program_translator import unwrap_decorators

    decorators, bare = unwrap_decorators(function)
    return decorators, bare


def _sample(number: int, x: Any) -> Any:
    """What the probe has converted."""
    return x + number
