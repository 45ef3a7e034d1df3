"""How fast the language server answers on large traces: hints of the lines in view, a hover, findings, each after a change of the text.

    python benchmarks/editor.py [--tensors N ...]

Prints a table in Markdown. The trace is made up: a file of 100 functions of 40 lines that call one another, each line an op over and over, one dim that goes through all of them.
Reading the trace happens once, before the first answer; what is measured are answers, in a server that has read it: the slowest of 20, in CPU time, of which a busy machine does not make more.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import shapetrace.symbolic.algebra  # noqa: F401  sympy, which the first trace brings
from shapetrace.editor.project import Project
from shapetrace.trace import Conversion, Finding, Input, Op, Sink, Site, Symbol, Trace, Value, file

FUNCTIONS, LINES = 100, 40
IN_VIEW = 60
ASKED = 20


def source() -> str:
    """The text of the file."""
    parts = []
    for number in range(FUNCTIONS):
        parts.append(f"def step_{number}(x):")
        parts += [f"    x = function_{number}(x, {place})" for place in range(LINES - 2)]
        parts.append("    return x")
    return "\n".join(parts)


def trace(tensors: int, path: str) -> Trace:
    """A trace of so many tensors, each made by the next line of the file."""
    made = Trace(files={path: source()})
    made.sites = [Site(path, line, end_line=line, code=f"line {line}", function=f"step_{(line - 1) // LINES}")
                  for line in range(1, FUNCTIONS * LINES + 1)]  # fmt: skip
    conversion = Conversion("step_0", inputs=[Input("x", (-1, 64))], expressions=["S0", "64"])
    conversion.symbols = [Symbol("S0", "x[0]", "x", 0)]
    for index in range(tensors):
        line = index % (FUNCTIONS * (LINES - 1))
        function, place = divmod(line, LINES - 1)
        stack = (function * LINES, function * LINES + place + 1) if index else ()
        name = "pd_op.relu" if index else "pd_op.data"
        conversion.ops.append(Op(name, (index - 1,) if index else (), (index,), {}, "/Net/Step/", stack))
        conversion.values.append(Value(index, "float32", (-1, 64), (0, 1), None, "" if index else "x"))
    conversion.outputs = (tensors - 1,)
    made.add(conversion)
    sink = Sink(path, 3, 4, 3, 9, function="step_0", op="relu")
    made.findings = [Finding("ST101", "error", f"relu got -{number}", sink=sink, conversion=0) for number in range(50)]
    return made


def slowest(ask: Callable[[int], Any]) -> float:
    """Milliseconds of the slowest answer."""
    times = []
    for number in range(ASKED):
        start = time.process_time()
        ask(number)
        times.append(time.process_time() - start)
    return max(times) * 1000


def measure(tensors: int, directory: str) -> str:
    """A row of the table."""
    path = str(Path(directory) / "net.py")
    file.write(trace(tensors, path), Path(directory) / "export.trace")
    start = time.process_time()
    project = Project(directory)
    project.refresh()
    read = time.process_time() - start
    answers = project.answers
    assert answers is not None
    lines = source().splitlines()

    def changed(number: int) -> list[str]:
        return [*lines, f"# {number}"]

    view = FUNCTIONS * LINES // 8
    hints = slowest(lambda number: answers.hints(path, changed(number), view, view + IN_VIEW))
    hover = slowest(lambda number: answers.hover(path, changed(number), view + number))
    problems = slowest(lambda number: answers.problems(path, changed(number)))
    assert answers.hints(path, lines, view, view + IN_VIEW)
    assert "The way of" in answers.hover(path, lines, view + 5)
    return f"| {tensors:,} | {read:.2f} s | {hints:.0f} ms | {hover:.0f} ms | {problems:.0f} ms |"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tensors", type=int, nargs="+", default=[1_000, 5_000, 20_000, 50_000])
    print("| tensors | reading the trace, once | hints in view | hover | findings |")
    print("| --- | --- | --- | --- | --- |")
    for tensors in parser.parse_args().tensors:
        with TemporaryDirectory() as directory:
            print(measure(tensors, directory), flush=True)


if __name__ == "__main__":
    main()
