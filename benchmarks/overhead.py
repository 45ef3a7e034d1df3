"""What a watch costs: plain and watched exports, alternating in one process, and the ratio of their times.

    python benchmarks/overhead.py [CASE ...] [--rounds N] [--memory] [--keep]

CASE is one of those below, or a constructor of `paddle.vision.models`. Prints, for wall time and for CPU time, the median
of each kind and the ratio of the pairs, as median and quartiles; with `--memory` also the peak memory of processes that
export once. What was last kept by `--keep` (in `overhead.json`) is printed beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_suffix(".json")
EXAMPLE = Path(__file__).parents[1] / "examples" / "rtdetrv2"

Case = tuple[Any, list[Any]]
Pair = dict[bool, float]


def detector() -> Case:
    """The example at the size of RT-DETRv2, with its one mistake repaired: 640 pixels, 6 layers, 300 queries."""
    sys.path.append(str(EXAMPLE))
    import decoder
    import paddle
    from paddle.static import InputSpec

    class Sampling(paddle.nn.Layer):  # type: ignore[misc, unused-ignore]
        def __init__(self, points: tuple[int, ...]) -> None:
            super().__init__()
            self.points = points

        def forward(self, memory: Any, sizes: Any, places: Any, weights: Any) -> Any:
            return decoder.sample_levels(memory, sizes, places, weights, self.points, "default")

    model = decoder.Detector(640, layers=6, queries=300, classes=80)
    for layer in model.decoder.layers:
        layer.image.core = Sampling(layer.image.points)
    return model, [InputSpec([-1, 3, 640, 640], "float32", name="image")]


def transformer() -> Case:
    """An encoder of 24 layers; batch and length unknown."""
    from paddle import nn
    from paddle.static import InputSpec

    layer = nn.TransformerEncoderLayer(256, 8, 1024, dropout=0.0)
    return nn.TransformerEncoder(layer, 24), [InputSpec([-1, -1, 256], "float32", name="tokens")]


def vision(name: str) -> Callable[[], Case]:
    """A model of `paddle.vision.models`, batch unknown."""

    def make() -> Case:
        import paddle
        from paddle.static import InputSpec

        return getattr(paddle.vision.models, name)(), [InputSpec([-1, 3, 224, 224], "float32", name="image")]

    return make


CASES: dict[str, Callable[[], Case]] = {
    "detector": detector,
    "resnet152": vision("resnet152"),
    "transformer": transformer,
}


def export(case: Case, watched: bool) -> Pair:
    """Wall (False) and CPU (True) seconds that one export takes."""
    import paddle

    import shapetrace

    layer, spec = case
    layer.eval()
    gc.collect()
    with tempfile.TemporaryDirectory() as directory:
        start = time.perf_counter(), time.process_time()
        with shapetrace.watch() if watched else contextlib.nullcontext():
            static = paddle.jit.to_static(layer, input_spec=spec, full_graph=True)
            paddle.jit.save(static, f"{directory}/model")
        return {False: time.perf_counter() - start[0], True: time.process_time() - start[1]}


def times(make: Callable[[], Case], rounds: int) -> dict[str, dict[str, float]]:
    """The ratio of pairs of exports, by wall and by CPU time."""
    runs: dict[bool, list[Pair]] = {False: [], True: []}
    for number in range(rounds + 1):
        for watched in (False, True) if number % 2 else (True, False):
            seconds = export(make(), watched)
            if number:  # the first pair warms up
                runs[watched].append(seconds)
    return {
        name: spread([run[cpu] for run in runs[False]], [run[cpu] for run in runs[True]])
        for name, cpu in (("wall", False), ("cpu", True))
    }


def memory(name: str, rounds: int) -> dict[str, float]:
    """The ratio of the peak memory (MB) of processes that export once."""
    peaks: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(rounds):
        for watched in (False, True):
            command = [sys.executable, __file__, name, "--peak", *(["--watched"] if watched else [])]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            peaks[watched].append(float(done.stdout.split()[-1]))
    return spread(peaks[False], peaks[True])


def importing(rounds: int) -> float:
    """Milliseconds that `import shapetrace` adds to a process that imports nothing, as median."""

    def once(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - start

    once("import shapetrace")
    return statistics.median(once("import shapetrace") - once("pass") for _ in range(rounds)) * 1e3


def peak() -> float:
    """The most memory that this process has held, in MB; `ru_maxrss` would begin at that of its parent."""
    kilobytes = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    assert kilobytes is not None
    return int(kilobytes[1]) / 1024


def spread(plain: Sequence[float], watched: Sequence[float]) -> dict[str, float]:
    """Medians of both, and of their ratio, with its quartiles."""
    ratios = [after / before for before, after in zip(plain, watched, strict=True)]
    lower, middle, upper = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    found = {"plain": statistics.median(plain), "watched": statistics.median(watched)}
    return found | {"ratio": middle, "lower": lower, "upper": upper}


def line(found: dict[str, float], kept: dict[str, float] | None) -> str:
    """What people read of it."""
    before = f", kept {kept['ratio']:.3f}" if kept else ""
    return (
        f"{found['plain']:9.3f} {found['watched']:9.3f}   ratio {found['ratio']:.3f} "
        f"({found['lower']:.3f} to {found['upper']:.3f}{before})"
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", default=list(CASES))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--memory", action="store_true", help="measure peak memory too, in processes of their own")
    parser.add_argument("--keep", action="store_true", help=f"keep the figures in {KEPT.name}")
    parser.add_argument("--peak", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--watched", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        name = options.cases[0]
        export(CASES.get(name, vision(name))(), options.watched)
        print(peak())
        return
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    print(f"import shapetrace: {importing(20):.0f} ms")
    print(f"{'':22}    plain   watched")
    for name in options.cases:
        found = times(CASES.get(name, vision(name)), options.rounds)
        if options.memory:
            found["memory"] = memory(name, min(options.rounds, 3))
        for kind, figures in found.items():
            unit = "MB" if kind == "memory" else "s"
            print(f"{name:12} {kind + ', ' + unit:10}{line(figures, kept.get(name, {}).get(kind))}", flush=True)
        if options.keep:
            rounded = {kind: {key: round(value, 4) for key, value in each.items()} for kind, each in found.items()}
            kept[name] = kept.get(name, {}) | rounded
    if options.keep:
        KEPT.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
