"""How large each report is, and how long it takes, by the number of tensors in the trace.

    PYTHONPATH=tests python benchmarks/report_sizes.py [--tensors N ...] [--rounds N]

Prints a table in Markdown. The trace is the made-up detector of the tests.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from reports.detector import trace
from shapetrace import Trace, load, reports
from shapetrace.errors import UsageError

FORMATS = ("text", "json", "html", "svg", "png", "pdf", "dot", "markdown", "sarif", "github", "junit")


def ways(recorded: Trace, directory: Path) -> dict[str, Callable[[], Path]]:
    """What is measured: writes one file each."""

    def report(name: str) -> Callable[[], Path]:
        path = directory / f"report.{name}"

        def write() -> Path:
            content = reports.render(recorded, name)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            return path

        return write

    saved = directory / "saved.trace"

    def save() -> Path:
        recorded.save(saved)
        return saved

    def read() -> Path:
        load(saved)
        return saved

    return {**{name: report(name) for name in FORMATS}, "trace, saved": save, "trace, loaded": read}


def measure(write: Callable[[], Path], rounds: int) -> str:
    """Size and median time of a report."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        try:
            file = write()
        except UsageError:
            return "needs Graphviz"
        times.append(time.perf_counter() - start)
    return f"{file.stat().st_size / 1e3:,.0f} kB, {statistics.median(times):.2f} s"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tensors", type=int, nargs="+", default=[1_000, 10_000, 50_000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rows: dict[str, list[str]] = {}
    heads = []
    with tempfile.TemporaryDirectory() as directory:
        for count in options.tensors:
            recorded = trace(count)
            heads.append(f"{len(recorded.conversions[0].values):,} tensors")
            for name, write in ways(recorded, Path(directory)).items():
                rows.setdefault(name, []).append(measure(write, options.rounds))
    print(f"| report | {' | '.join(heads)} |\n| --- |{' --- |' * len(heads)}")
    for name, cells in rows.items():
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
