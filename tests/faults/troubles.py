"""Programs that make it hard to watch them, each run unwatched and under watch. Prints a line of JSON for each."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

import forked
import shapetrace
from versions import LEGACY


class Net(nn.Layer):
    """Reads its batch."""

    def __init__(self, held: Any = None) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.held = held

    def forward(self, x: Tensor) -> Tensor:
        y = self.linear(x)
        return y.reshape([y.shape[0] * 2, 2])


class Refusing:
    """Answers nothing that it is asked."""

    def __repr__(self) -> str:
        raise RuntimeError("no text")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    def __hash__(self) -> int:
        raise RuntimeError("no hash")

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")

    def __bool__(self) -> bool:
        raise RuntimeError("no truth")


class Secretive(Net):
    """Refuses to be printed, compared and hashed, and holds what refuses more."""

    def __init__(self) -> None:
        super().__init__(Refusing())

    def __repr__(self) -> str:
        raise RuntimeError("no text")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    __hash__ = nn.Layer.__hash__

    def forward(self, x: Tensor) -> Tensor:
        held, size = self.held, x.shape[0]
        rows = [size, held]
        return self.linear(x).reshape([rows[0] * 2, 2])


class Failing(Net):
    """Hands what refuses to a function of Paddle's."""

    def __init__(self) -> None:
        super().__init__(Refusing())

    def forward(self, x: Tensor) -> Tensor:
        return paddle.reshape(x, self.held)


class Deep(Net):
    """Calls itself."""

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape([down(x, 30), 2])


def down(x: Tensor, steps: int) -> int:
    return x.shape[0] * 2 if steps == 0 else down(x, steps - 1)


class Inside(Net):
    """Opens a watch of its own in what is converted."""

    def forward(self, x: Tensor) -> Tensor:
        return opened(x)


def opened(x: Tensor) -> Tensor:
    try:
        with shapetrace.watch():
            return x.reshape([x.shape[0] * 2, 2])
    except shapetrace.NestedWatchError:
        return x.reshape([x.shape[0] * 2, 2])


def convert(layer: type[Net] = Net) -> Any:
    """The ops of a conversion, or its exception."""
    try:
        with paddle.utils.unique_name.guard():
            net = layer()
            static = paddle.jit.to_static(net, input_spec=[InputSpec([-1, 4], name="x")], full_graph=True)
            block = static.forward.concrete_program.main_program.global_block()
            return [op.type if LEGACY else op.name() for op in block.ops]
    except Exception as error:
        return [type(error).__name__, str(error)]


def shallow() -> Any:
    """With little room on the stack: it either converts or is refused, which depends on how much of it a watch takes."""
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    limit, told = sys.getrecursionlimit(), []
    try:
        for room in (40, 60, 80, 100, 130, 170):
            sys.setrecursionlimit(depth + room)
            told = convert(Deep)
            sys.setrecursionlimit(limit)
            if told[0] != "RecursionError":
                return bool({"pd_op.reshape", "reshape2"} & set(told)) or told[0]
    finally:
        sys.setrecursionlimit(limit)
    return told


def processes() -> Any:
    """Forks in the middle, and both convert."""
    child = os.fork()
    if child == 0:
        os._exit(len(convert()) % 100)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), convert()]


def excepthook() -> Any:
    """Puts its own hook in place, which must stay."""
    hook = sys.excepthook = lambda *raised: None
    converted = convert()
    return [converted, sys.excepthook is hook]


def traces() -> Any:
    """Is traced and profiled already, and stays so."""
    lines, called = [], []

    def tracer(frame: Any, event: str, argument: Any) -> Any:
        if frame.f_code.co_name == "down":
            lines.append(event)
        return tracer

    def profiler(frame: Any, event: str, argument: Any) -> None:
        if frame.f_code.co_name == "down":
            called.append(event)

    sys.settrace(tracer)
    sys.setprofile(profiler)
    try:
        converted = convert(Deep)
        kept = [sys.gettrace() is tracer, sys.getprofile() is profiler]
    finally:
        sys.settrace(None)
        sys.setprofile(None)
    return [converted, kept, lines, called]


def traces_later() -> Any:
    """Begins to trace in a model that we trace already."""
    began: list[Any] = []

    def begin(x: Tensor) -> int:
        size = x.shape[0]
        began.append(lambda *of: None)
        sys.settrace(began[-1])
        return size * 2

    class Beginning(Net):
        def forward(self, x: Tensor) -> Tensor:
            return x.reshape([self.begin(x), 2])

    Beginning.begin = staticmethod(begin)
    converted = convert(Beginning)
    kept = sys.gettrace() is began[-1]
    sys.settrace(None)
    return [converted, kept]


def generator() -> Any:
    """Converts while a generator is under way."""

    def steps() -> Iterator[Any]:
        yield convert()
        yield convert(Deep)

    return list(steps())


def coroutines() -> Any:
    """Converts in coroutines that take turns."""

    async def one(layer: type[Net]) -> Any:
        await asyncio.sleep(0)
        converted = convert(layer)
        await asyncio.sleep(0)
        return converted

    async def both() -> Any:
        return await asyncio.gather(one(Net), one(Deep))

    return asyncio.run(both())


def thread() -> Any:
    """Converts in another thread than the one that opened the watch."""
    told: list[Any] = []
    worker = threading.Thread(target=lambda: told.append(convert(Deep)))
    worker.start()
    worker.join()
    return [told, convert()]


def threads() -> Any:
    """Converts in several threads, in turn as Paddle wants it, while another one runs a model as it is."""
    told: dict[int, Any] = {}
    turn, done = threading.Lock(), threading.Event()
    model, wrong = paddle.nn.Linear(4, 4), []

    def work(number: int) -> None:
        for _ in range(3):
            with turn:
                told[number] = convert(Deep if number % 2 else Net)

    def run() -> None:
        batch = 1
        while not done.is_set():
            batch = batch % 7 + 1
            shape = model(paddle.ones([batch, 4])).shape
            if shape != [batch, 4] or type(shape[0]) is not int:
                wrong.append(shape)

    running = threading.Thread(target=run)
    converting = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in (running, *converting):
        thread.start()
    for thread in converting:
        thread.join()
    done.set()
    running.join()
    return [sorted(told.items()), wrong]


TROUBLES: tuple[Callable[[], Any], ...] = (
    shallow,
    processes,
    excepthook,
    traces,
    traces_later,
    generator,
    coroutines,
    thread,
    threads,
)


def compared(work: Callable[[], Any]) -> dict[str, Any]:
    """What comes of it unwatched, in one process, and in another under one watch, then under another, then after both."""

    def run(watch: Any) -> Any:
        with watch:
            return work()

    def watched() -> dict[str, Any]:
        first = shapetrace.watch()
        told = [run(first), run(shapetrace.watch()), run(nullcontext())]
        return {"told": told, "tracing": sys.gettrace() is not None}

    return {"plain": forked.ask(lambda: {"told": work()}), **forked.ask(watched)}


def main() -> None:
    layers = {layer.__name__: lambda layer=layer: convert(layer) for layer in (Secretive, Failing, Deep, Inside)}
    for name, work in {**layers, **{work.__name__: work for work in TROUBLES}}.items():
        forked.run(name, lambda work=work: compared(work))


if __name__ == "__main__":
    convert()
    main()
