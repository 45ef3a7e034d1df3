"""Exports under a watch on a Paddle that has drifted away from what the probes know, and prints what became of it as JSON lines.

    python -m capture.drifted CASE …

A target that is `hidden` is not there while the watch opens, and back before Paddle needs it itself. One that is changed is
another one for the whole export, in a way that Paddle bears. Each case runs in a forked process.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import paddle
from paddle import nn
from paddle.jit.dy2static import convert_call_func, error, program_translator
from paddle.static import InputSpec

import forked
import shapetrace
from saved_files import digests
from versions import LEGACY

BUILDER = "from_func_spec" if LEGACY else "pir_from_func_spec"
TENSOR = paddle.static.Variable if LEGACY else paddle.pir.Value


def merge(x: Any, heads: int) -> Any:
    batch = x.shape[0]
    return x.reshape([batch * heads, -1])


class Net(nn.Layer):
    def __init__(self, merge: Any = None) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.merge = merge

    def forward(self, x):
        y = self.linear(x)
        if self.merge is not None:
            return self.merge(y)
        return paddle.concat([y.reshape([y.shape[0], 2, 2]).flatten(1) for _ in range(2)])


# --- what is gone while the watch opens

HIDDEN: dict[str, tuple[Any, str]] = {
    "shape": (TENSOR, "shape"),
    "builder": (program_translator.ConcreteProgram, BUILDER),
    "concrete program": (program_translator, "ConcreteProgram"),
    "error data": (error, "ErrorData"),
    "call": (paddle.jit.dy2static, "Call"),
    "convert_call": (convert_call_func, "convert_call"),
    "convert_range": (convert_call_func, "convert_range"),
    "load": (paddle.jit.dy2static, "Ld"),
    "specs": (paddle.static, "InputSpec"),
    "static function": (program_translator, "ASTStaticFunction"),
}
if LEGACY:
    HIDDEN |= {
        "append_op": (paddle.base.framework.Block, "append_op"),
        "layers": (nn.Layer, "_dygraph_call_func"),
        "tracebacks": (error, "traceback"),
        "variable": (paddle.static, "Variable"),
    }
else:
    HIDDEN |= {"ops": (paddle, "_C_ops"), "value": (paddle.pir, "Value")}


@contextlib.contextmanager
def hidden(owner: Any, name: str) -> Iterator[None]:
    """Without the attribute."""
    was = vars(owner)[name]
    delattr(owner, name)
    try:
        yield
    finally:
        setattr(owner, name, was)


# --- what is another one throughout


class Getter:
    """A descriptor of another kind: it gives the same and has no `fget`."""

    def __init__(self, original: Any) -> None:
        self.get = original.fget

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else self.get(instance)


def another_descriptor() -> None:
    TENSOR.shape = Getter(TENSOR.__dict__["shape"])


def builder_of_any_arguments() -> None:
    original = getattr(program_translator.ConcreteProgram, BUILDER)

    def build(*args: Any, **kwargs: Any) -> Any:
        return original(*args, **kwargs)

    setattr(program_translator.ConcreteProgram, BUILDER, staticmethod(build))


def builder_that_takes_more() -> None:
    original = getattr(program_translator.ConcreteProgram, BUILDER)

    def build(func_spec: Any, input_spec: Any, input_kwargs_spec: Any, class_instance: Any, *more: Any, **kwargs: Any):
        return original(func_spec, input_spec, input_kwargs_spec, class_instance, **kwargs)

    setattr(program_translator.ConcreteProgram, BUILDER, staticmethod(build))


def program_by_another_name() -> None:
    """Nobody but Paddle finds the program in what the builder returns."""
    slot = program_translator.ConcreteProgram.main_program

    def program(self: Any) -> Any:
        if sys._getframe(1).f_globals["__name__"].startswith("shapetrace"):
            raise AttributeError("main_program")
        return slot.__get__(self)

    program_translator.ConcreteProgram.main_program = property(program, slot.__set__)


def without_dense() -> None:
    """Nobody but Paddle can ask a tensor whether it is dense."""
    from shapetrace.capture import identity

    def is_dense(value: Any) -> bool:
        raise AttributeError("is_dense_tensor_type")

    identity.is_dense = is_dense


CHANGED: dict[str, Callable[[], None]] = {
    "another descriptor": another_descriptor,
    "builder of any arguments": builder_of_any_arguments,
    "builder that takes more": builder_that_takes_more,
    "program by another name": program_by_another_name,
    "no word on density": without_dense,
}


# --- exports


def export(watch: Any, layer: nn.Layer) -> dict[str, Any]:
    """What became of one export."""
    files, raised = {}, ""
    with tempfile.TemporaryDirectory() as directory:
        try:
            with watch:
                paddle.jit.save(layer, f"{directory}/model", input_spec=[InputSpec([-1, 4], "float32", name="x")])
            files = digests(directory)
        except Exception as caught:
            raised = f"{type(caught).__name__}: {str(caught).splitlines()[-1]}"
    return {"files": files, "raised": raised}


class Opened:
    """A watch that is opened on a Paddle without the target; `None` opens it as it is."""

    def __init__(self, target: tuple[Any, str] | None) -> None:
        self.watch = shapetrace.watch()
        self.target = target

    def __enter__(self) -> Any:
        with hidden(*self.target) if self.target else contextlib.nullcontext():
            self.trace = self.watch.__enter__()
        return self.trace

    def __exit__(self, *raised: Any) -> None:
        self.watch.__exit__(*raised)


def forget_layers() -> None:
    """Have Paddle number layers from the start; a conversion that fails leaves its own numbered."""
    structure = getattr(paddle.base.framework, "_name_struct", None)  # absent from 2.6
    if structure is not None:
        structure._children.clear()


def both(case: str) -> dict[str, Any]:
    """An export that works and one that fails, each without a watch and with one."""
    if case in CHANGED:
        CHANGED[case]()
    target = HIDDEN.get(case)
    told: dict[str, Any] = {"notes": [], "rules": [], "plain": [], "watched": []}
    for how in ("plain", "watched"):
        for merge_with in (None, functools.partial(merge, heads=8)):
            paddle.seed(3)
            forget_layers()
            watch = contextlib.nullcontext() if how == "plain" else Opened(target)
            with paddle.utils.unique_name.guard():
                told[how].append(export(watch, Net(merge_with)))
            if isinstance(watch, Opened):
                told["notes"] += [note for note in watch.trace.notes if note not in told["notes"]]
                told["rules"] += [finding.rule for finding in watch.trace.findings]
    if target is not None:
        told["put back"] = "shapetrace" not in str(code(vars(target[0])[target[1]]))
    return told


def code(value: Any) -> Any:
    """The code that stands at a target, if it is Python's."""
    value = getattr(value, "fget", None) or getattr(value, "__func__", value)
    return getattr(value, "__code__", None)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        forked.run(argument, functools.partial(both, argument))
