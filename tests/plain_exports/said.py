"""What Python and Paddle say in a process under watch: tracebacks, warnings, signatures, source lines."""

from __future__ import annotations

import functools
import inspect
import linecache
import pickle
import pydoc
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import paddle
from paddle.static import InputSpec

from plain_exports.converted import converted
from plain_exports.exported import Net, spec

CASES: dict[str, Callable[[str], Any]] = {}
EARLY = {name: getattr(paddle._C_ops, name) for name in ("relu", "reshape", "matmul")}


def case(function: Callable[[str], Any]) -> Callable[[str], Any]:
    CASES[function.__name__] = function
    return function


def _raised(call: Callable[[], Any]) -> str:
    try:
        call()
    except Exception as error:
        error.__notes__ = []
        return "".join(traceback.format_exception(error))
    return "nothing"


@case
def eager_errors(directory: str) -> list[str]:
    x = paddle.ones([2, 4])
    return [
        _raised(lambda: x.reshape([7, 7])),
        _raised(lambda: x @ paddle.ones([3, 3])),
        _raised(lambda: paddle.concat([x, paddle.ones([3])])),
        _raised(lambda: paddle.nn.Linear(4, 4)(paddle.ones([2, 3]))),
        _raised(lambda: InputSpec(4.5, dtype=object())),
        _raised(lambda: InputSpec()),  # type: ignore[call-arg]
    ]


def reshaped(x):
    return paddle.reshape(x, [7, 7])


def caught(x):
    try:
        return paddle.reshape(x, [7, 7])
    except ValueError as error:
        lines = traceback.format_tb(error.__traceback__)
        return x * float(len(lines))


def refused_in_a_loop(x, n=3):
    while isinstance(n, int) and paddle.reshape(x, [7, 7]).sum() > 0:
        x = x + 1
        if x.sum() > 5:
            return x * 2
    return x


def counted(x):
    for i in range(x.shape[0], "two"):
        x = x + i
    return x


def asked_of_nothing(x):
    return x * 2 if isinstance(x, 3) else x


def raising(x):
    raise KeyError("of the user's")


def unhashable(x):
    return x * {[]: 1}[x]


@case
def errors_of_conversions(directory: str) -> list[str]:
    functions = (reshaped, refused_in_a_loop, counted, asked_of_nothing, raising, unhashable)
    return [
        _raised(lambda function=function: converted(function, spec(2, 4)).concrete_program) for function in functions
    ]


@case
def caught_in_a_conversion(directory: str) -> str:
    return str(converted(caught, spec(2, 4)).concrete_program.main_program)


@case
def errors_of_exports(directory: str) -> list[str]:
    layer = Net()
    return [
        _raised(lambda: paddle.jit.save(layer, f"{directory}/m", input_spec=[spec(None, 5)])),
        _raised(lambda: paddle.jit.save(layer, f"{directory}/m")),
        _raised(lambda: paddle.jit.save(layer, f"{directory}/m", input_spec=[spec(None, 4), spec(None, 4, name="y")])),
        _raised(lambda: paddle.jit.save(layer, "", input_spec=[spec(None, 4)])),
        _raised(lambda: paddle.jit.to_static(layer, input_spec=3)),
    ]


class Chained(paddle.nn.Layer):
    def forward(self, x):
        try:
            return paddle.reshape(x, [7, 7])
        except ValueError as error:
            raise RuntimeError("chained") from error


@case
def chained(directory: str) -> list[str]:
    return [_raised(lambda: paddle.jit.save(Chained(), f"{directory}/m", input_spec=[spec(2, 4)]))]


def warning(x):
    warnings.warn("of the user's", stacklevel=1)
    warnings.warn("of who called", stacklevel=2)
    warnings.warn("of who called that", stacklevel=3)
    return x * 2


@case
def warnings_of_conversions(directory: str) -> None:
    assert converted(warning).concrete_program is not None
    paddle.jit.save(paddle.jit.to_static(Net()), f"{directory}/m", input_spec=[spec(None, 4)])


STACK: list[str] = []


class Looking(paddle.nn.Layer):
    def forward(self, x):
        STACK.extend(f"{entry.filename} {entry.name} {entry.line}" for entry in traceback.extract_stack())
        return x * 2


@case
def stack_seen_by_the_model(directory: str) -> list[str]:
    paddle.jit.save(Looking(), f"{directory}/m", input_spec=[spec(None, 4)])
    return STACK


@case
def edited_file(directory: str) -> list[str]:
    path = f"{directory}/edited.py"
    lines = []
    for text in ("def f(): raise ValueError  # first\n", "def f(): raise ValueError  # second, longer\n"):
        with open(path, "w") as file:
            file.write(text)
        space: dict[str, Any] = {}
        exec(compile(text, path, "exec"), space)
        lines.append(_raised(space["f"]))
        assert converted(reshaped, spec(7, 7)).concrete_program is not None
    linecache.checkcache(path)
    return [*lines, linecache.getline(path, 1)]


@case
def functions_as_they_are(directory: str) -> dict[str, Any]:
    assert converted(reshaped, spec(7, 7)).concrete_program is not None
    looked_at = {
        "reshape": paddle.reshape,
        "InputSpec": InputSpec,
        "InputSpec.__init__": InputSpec.__init__,
        "extract_stack": traceback.extract_stack,
        "checkcache": linecache.checkcache,
        "getsourcelines": inspect.getsourcelines,
        "Call": paddle.jit.dy2static.Call,
        "Ld": paddle.jit.dy2static.Ld,
        "Layer.__call__": paddle.nn.Layer.__call__,
        "_dygraph_call_func": paddle.nn.Layer._dygraph_call_func,
    }
    return {
        "early": [EARLY[name] is getattr(paddle._C_ops, name) for name in EARLY],
        "kinds": [type(function).__name__ for function in vars(paddle._C_ops).values() if callable(function)],
        "signatures": {name: str(inspect.signature(function)) for name, function in looked_at.items()},
        "sources": {name: inspect.getsource(function) for name, function in looked_at.items()},
        "helps": {name: pydoc.render_doc(function) for name, function in looked_at.items()},
        "of an op": _raised(lambda: inspect.signature(paddle._C_ops.relu)).splitlines()[-1],
        "pickled": {name: pickle.dumps(function).hex() for name, function in looked_at.items()},
        "a spec": pickle.dumps(spec(None, 4)).hex(),
        "codes": [paddle.reshape.__code__.co_code.hex(), paddle.jit.dy2static.Call.__code__.co_filename],
        "repr": [str(spec(None, 4)), repr(functools.partial(paddle.reshape, shape=[1]))],
    }
