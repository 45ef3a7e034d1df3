"""Threads, processes and coroutines beside a watch, each unwatched and under watch. Prints a line of JSON for each.

`python -m faults.beside at_once` counts what Paddle itself makes of conversions in several threads at once.

A watch is of the whole process: what other threads and coroutines convert meanwhile is in its trace too, and comes out as it
would without a watch. Processes that are forked run on in a copy of it, and those that are started anew know nothing of it.
"""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
import random
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from typing import Any

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

import forked
import shapetrace
from versions import LEGACY

LONG = 600.0
"""Seconds to wait for another thread or process: far more than it takes."""


def merge(x: Tensor, heads: int) -> Tensor:
    return x.reshape([x.shape[0] * heads, -1])


class Leaking(nn.Layer):
    """Raises, for `merge` is not rewritten."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.merge = functools.partial(merge, heads=heads)

    def forward(self, x: Tensor) -> Tensor:
        return self.merge(self.linear(x))


class Sound(nn.Layer):
    """Converts."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.body = nn.Sequential(*(nn.Linear(4, 4) for _ in range(layers)))

    def forward(self, x: Tensor) -> Tensor:
        y = self.body(x)
        return y.reshape([y.shape[0] * 2, 2])


class Late(nn.Layer):
    """Goes on, with a dim in hand, when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.told = threading.Event(), threading.Event()
        self.size = functools.partial(self._size)

    def _size(self, x: Tensor) -> int:
        size = x.shape[0]
        self.begun.set()
        assert self.told.wait(LONG)
        return size * 2 + x.shape[0]

    def forward(self, x: Tensor) -> Tensor:
        return (x * 2).reshape([self.size(x), 2])


def convert(layer: nn.Layer) -> Any:
    """The ops of a conversion, or its exception."""
    try:
        spec = [InputSpec([-1, 4], name="x")]
        static = paddle.jit.to_static(layer, input_spec=spec, full_graph=True)
        block = static.forward.concrete_program.main_program.global_block()
        return [op.type if LEGACY else op.name() for op in block.ops]
    except Exception as error:
        return [type(error).__name__, str(error)]


def layer(number: int) -> nn.Layer:
    return Leaking(number + 2) if number % 2 else Sound(number + 1)


def in_threads(works: list[Callable[[], Any]]) -> list[Any]:
    """What each gives, run in a thread of its own."""
    told: list[Any] = [None] * len(works)

    def run(place: int) -> None:
        told[place] = works[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    return told


def turns(watch: Any) -> Any:
    """Four threads convert in turn, as Paddle wants it, and one of them holds the watch. Who is next is drawn."""
    chance = random.Random(7)
    order = [place for place in range(4) for _ in range(3)]
    chance.shuffle(order)
    turn = threading.Condition()
    told: list[Any] = []
    opened = threading.Event()

    def work(place: int) -> Any:
        ready = watch if place == 0 else nullcontext()
        with ready:
            if place == 0:
                opened.set()
            assert opened.wait(LONG)
            for _ in range(3):
                with turn:
                    assert turn.wait_for(lambda: order[0] == place, LONG)
                    told.append([place, convert(layer(place))])
                    order.pop(0)
                    order.append(-1)
                    turn.notify_all()
            if place == 0:
                with turn:
                    assert turn.wait_for(lambda: order[0] == -1, LONG)
        return sys.gettrace() is None

    return [in_threads([functools.partial(work, place) for place in range(4)]), told]


def opened_meanwhile(watch: Any) -> Any:
    """A watch opens, and closes, while another thread is in the middle of a conversion."""
    late = Late()

    def meanwhile() -> None:
        assert late.begun.wait(LONG)
        with watch:
            late.told.set()
            converting.join(LONG)

    told: list[Any] = []
    converting = threading.Thread(target=lambda: told.append([convert(late), sys.gettrace() is None]))
    converting.start()
    meanwhile()
    return told


def closed_meanwhile(watch: Any) -> Any:
    """A watch closes while another thread is in the middle of a conversion."""
    late = Late()
    told: list[Any] = []
    converting = threading.Thread(target=lambda: told.append([convert(late), sys.gettrace() is None]))
    with watch:
        converting.start()
        assert late.begun.wait(LONG)
    late.told.set()
    converting.join(LONG)
    return told


def coroutines(watch: Any) -> Any:
    """One task holds the watch over its pauses; another converts in them, and may not open a second one."""

    async def holding() -> Any:
        told = []
        with watch:
            for number in range(3):
                told.append(convert(layer(number)))
                await asyncio.sleep(0)
        return told

    async def other() -> Any:
        told = []
        for number in range(3):
            await asyncio.sleep(0)
            told.append(convert(layer(number + 1)))
        return told

    async def both() -> Any:
        return await asyncio.gather(holding(), other())

    return asyncio.run(both())


def left_generator(watch: Any) -> Any:
    """An async generator that holds the watch is left in the middle."""

    async def steps() -> AsyncIterator[Any]:
        with watch:
            for number in range(3):
                yield convert(layer(number))

    async def first() -> Any:
        generator = steps()
        told = [await anext(generator)]
        await generator.aclose()  # type: ignore[attr-defined]
        return [*told, convert(layer(1))]

    return asyncio.run(first())


def forks(watch: Any) -> Any:
    """Two processes are forked in the watch, and convert."""
    with watch, multiprocessing.get_context("fork").Pool(2) as pool:
        told = pool.map(in_process, [0, 1], chunksize=1)
        return [told, convert(layer(1))]


def starts(watch: Any) -> Any:
    """A process is started anew in the watch, and converts."""
    with watch, multiprocessing.get_context("spawn").Pool(1) as pool:
        told = pool.map(in_process, [1])
        return [told, convert(layer(1))]


def in_process(number: int) -> Any:
    return convert(layer(number))


def at_once(rounds: int = 10) -> dict[str, Any]:
    """How many conversions go wrong in four threads that do not take turns. Without a watch: this is Paddle's own."""
    sys.setswitchinterval(1e-5)
    want = [convert(Sound(number + 1)) for number in range(4)]
    wrong = 0
    for _ in range(rounds):
        told = in_threads([functools.partial(lambda number: convert(Sound(number + 1)), number) for number in range(4)])
        wrong += sum(one != other for one, other in zip(told, want, strict=True))
    return {"wrong": wrong, "of": 4 * rounds}


BESIDE = (turns, opened_meanwhile, closed_meanwhile, coroutines, left_generator, forks, starts)


def compared(work: Callable[[Any], Any]) -> dict[str, Any]:
    """What comes of it without a watch, and with one in a process of its own, with what that watch saw."""

    def watched() -> dict[str, Any]:
        class Watch(shapetrace.watch):
            def __enter__(self) -> shapetrace.Trace:
                traces.append(super().__enter__())
                return traces[0]

        traces: list[shapetrace.Trace] = []
        told = work(Watch())
        (trace,) = traces
        rules = sorted((finding.rule, finding.python_value) for finding in trace.findings)
        return {"told": told, "conversions": len(trace.conversions), "rules": rules, "notes": trace.notes}

    return {"plain": forked.ask(lambda: {"told": work(nullcontext())}).get("told"), **forked.ask(watched)}


def main() -> None:
    if sys.argv[1:] == ["at_once"]:
        forked.run("at_once", at_once)
        return
    for work in BESIDE:
        forked.run(work.__name__, functools.partial(compared, work))


if __name__ == "__main__":
    convert(Sound(1))
    main()
