"""How cost grows with the program: a model of N blocks, exported under a watch, and what is done with its trace.

    python benchmarks/scale.py [--ops N ...] [--rounds N]

Prints a table in Markdown. Each size is recorded in a process of its own, and read in another. Recorded is all that shapetrace does with a program once
Paddle has built it (CPU time); the rest is what is done with the trace later (wall time).
"""

from __future__ import annotations

import argparse
import functools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

OPS_IN_A_STEP = 13
STEPS_IN_A_BLOCK = 40  # Paddle goes through the whole program at each call of a layer (`name_struct`): so there are few


def model(blocks: int) -> Any:
    """Views and arithmetic on the batch in each step, and one silent leak at the end."""
    import paddle
    from paddle import nn

    def leak(x: Any) -> Any:
        return x + paddle.zeros([x.shape[0] * x.shape[0], 1])  # -1 * -1

    class Block(nn.Layer):  # type: ignore[misc, unused-ignore]
        def forward(self, x: Any) -> Any:
            for _ in range(STEPS_IN_A_BLOCK):
                y = x.reshape([x.shape[0], 4, 16]).transpose([0, 2, 1])
                x = nn.functional.relu(x + y.flatten(1))
            return x

    class Model(nn.Layer):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.blocks = nn.LayerList([Block() for _ in range(blocks)])
            self.leak = functools.partial(leak)

        def forward(self, x: Any) -> Any:
            for block in self.blocks:
                x = block(x)
            return self.leak(x)

    return Model()


def seconds(work: Callable[[], Any], rounds: int) -> float:
    """Median wall time."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def recorded(ops: int, rounds: int, path: Path) -> dict[str, float]:
    """What recording costs at one size. The last trace is saved."""
    import paddle
    from paddle.static import InputSpec

    import shapetrace
    from shapetrace.capture.session import Session

    spent = 0.0

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal spent
            start = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                spent += time.process_time() - start

        return call

    Session.complete = timed(Session.complete)  # type: ignore[method-assign]
    shapetrace.watch.__exit__ = timed(shapetrace.watch.__exit__)  # type: ignore[method-assign]
    times = []
    for number in range(rounds + 1):
        layer = model(max(1, round(ops / OPS_IN_A_STEP / STEPS_IN_A_BLOCK)))
        layer.eval()
        spent = 0.0
        with shapetrace.watch() as trace:
            static = paddle.jit.to_static(layer, [InputSpec([-1, 64], "float32", "x")], full_graph=True)
            static.forward.concrete_program  # noqa: B018  converts
        if number:  # the first one warms up
            times.append(spent)
    trace.save(path)
    (conversion,) = trace.conversions
    return {
        "ops": len(conversion.ops),
        "record": statistics.median(times) / len(conversion.ops) * 1e6,
        "file": path.stat().st_size / len(conversion.values),
    }


def read(path: Path) -> dict[str, float]:
    """What is done with a trace, as the command line does it: in a process that has read it."""
    from shapetrace import graph, load, reports, rules

    trace = load(path)
    (conversion,) = trace.conversions
    (finding,) = trace.findings
    last = next(tensor for tensor in reversed(conversion.tensors) if len(tensor.shape) == 2)
    page = reports.render(trace, "html")  # imports what it needs
    return {
        "load": seconds(lambda: load(path), 3),
        "findings": seconds(lambda: rules.check(trace), 3),
        "why": seconds(lambda: trace.why(last, 0), 3),
        "slice": seconds(lambda: graph.finding_slice(trace, finding), 3),
        "html": seconds(lambda: reports.render(trace, "html"), 1),
        "page": len(page) / 1e6,
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ops", type=int, nargs="+", default=[1_000, 4_000, 16_000, 64_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--once", choices=["record", "read"], help=argparse.SUPPRESS)
    parser.add_argument("--trace", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        found = (
            recorded(options.ops[0], options.rounds, options.trace) if options.once == "record" else read(options.trace)
        )
        print(json.dumps(found))
        return
    print("| ops | recorded, an op | file, a tensor | load | findings | `why` | slice | HTML |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for ops in options.ops:
        found: dict[str, float] = {}
        with tempfile.TemporaryDirectory() as directory:
            for once in ("record", "read"):
                command = [sys.executable, __file__, "--once", once, "--ops", str(ops), "--rounds", str(options.rounds)]
                command += ["--trace", f"{directory}/saved.trace"]
                done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
                found |= json.loads(done.stdout.splitlines()[-1])
        print(
            f"| {found['ops']:,} | {found['record']:.0f} µs | {found['file']:.0f} B | {found['load']:.2f} s "
            f"| {found['findings']:.2f} s | {found['why']:.2f} s | {found['slice']:.2f} s "
            f"| {found['html']:.1f} s, {found['page']:.1f} MB |",
            flush=True,
        )


if __name__ == "__main__":
    main()
