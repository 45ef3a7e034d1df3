"""What a watch costs: plain and watched exports, alternating in one process, and the ratio of their wall times.

    python benchmarks/overhead.py [MODEL ...] [--rounds N]

MODEL is a constructor of `paddle.vision.models`. Prints the median of each kind, and the ratio of each pair as median with
its smallest and largest value.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
import time
from typing import Any

import paddle
from paddle.static import InputSpec

import shapetrace


def export(layer: Any, watched: bool) -> float:
    """Seconds that one export takes."""
    spec = [InputSpec([-1, 3, 224, 224], "float32", name="image")]
    with tempfile.TemporaryDirectory() as directory:
        start = time.perf_counter()
        with shapetrace.watch() if watched else contextlib.nullcontext():
            static = paddle.jit.to_static(layer, input_spec=spec, full_graph=True)
            paddle.jit.save(static, f"{directory}/model")
        return time.perf_counter() - start


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=["resnet50"])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    for name in options.models:
        constructor = getattr(paddle.vision.models, name)
        times: dict[bool, list[float]] = {False: [], True: []}
        for round_number in range(options.rounds + 1):
            for watched in (False, True) if round_number % 2 else (True, False):
                layer = constructor()
                layer.eval()
                seconds = export(layer, watched)
                if round_number:  # the first pair warms up
                    times[watched].append(seconds)
        ratios = [after / before for before, after in zip(times[False], times[True], strict=True)]
        print(
            f"{name}: plain {statistics.median(times[False]):.3f} s, watched {statistics.median(times[True]):.3f} s, "
            f"ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
        )


if __name__ == "__main__":
    main()
