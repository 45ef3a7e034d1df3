"""Find the public APIs of Paddle whose own Python code reads an unknown dim as -1 and computes with it.

    python -m survey.paddle_leaks              # writes the data file and the page in docs/reference
    python -m survey.paddle_leaks unflatten    # only prints what it finds for calls with that text

Each call gets tensors whose batch, whose height and width, or all of whose dims are unknown. Where it converts with the
same dims known and is right, but not with them unknown, and Paddle's Python code read one of them, that API leaks.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from pathlib import Path
from typing import Any

import paddle

from survey.conversion import Answer, ask, convert_and_compare

CALLS = Path(__file__).with_name("leak_calls.txt")
ROOT = Path(__file__).parents[1]
DATA = ROOT / "shapetrace/facts/leaks.json"
PAGE = ROOT / "docs/reference/paddle-apis-that-leak.md"
DIMS = {
    "batch": {"x": [-1, 4, 6, 6], "m": [-1, 6, 6], "v": [-1, 6], "q": [-1, 6, 2, 8], "ids": [-1, 6]},
    "height and width": {"x": [2, 4, -1, -1], "m": [2, -1, -1], "v": [2, -1], "q": [2, -1, 2, 8], "ids": [2, -1]},
    "all": {"x": [-1] * 4, "m": [-1] * 3, "v": [-1] * 2, "q": [-1, -1, 2, 8], "ids": [-1, -1]},
}
KNOWN = {"x": [2, 4, 6, 6], "m": [2, 6, 6], "v": [2, 6], "q": [2, 6, 2, 8], "ids": [2, 6]}
NAMES = ("x", "m", "v", "q", "ids")
MODULES = {
    "paddle": paddle,
    "F": paddle.nn.functional,
    "nn": paddle.nn,
    "ops": paddle.vision.ops,
    "transforms": paddle.vision.transforms.functional,
    "fused": paddle.incubate.nn.functional,
    "distribution": paddle.distribution,
}
NOT_OF_TENSORS = {"broadcast_shapes", "broadcast_shape", "load", "manual_seed", "seed"}
RANDOM = re.compile(
    "rand|[dD]rop|sample|bernoulli|multinomial|poisson|binomial|gumbel|empty|gamma|lowrank|class_center|Fused|Transformer"
)
"""Calls whose values are random: only their shapes are compared."""


def tensors(size: int, unknown: str) -> dict[str, Any]:
    """The inputs, where the unknown dims are twice or three times their unit."""
    batch = size if unknown in ("batch", "all") else 2
    side = 3 * size if unknown == "height and width" else 6
    square = paddle.ones([side, side]) + paddle.diag(paddle.arange(3.0, 3.0 + side))
    x = paddle.sin(paddle.arange(batch * 4 * side * side, dtype="float32")).reshape([batch, 4, side, side]) + 2.0
    return {
        "x": x,
        "m": square.unsqueeze(0).tile([batch, 1, 1]),
        "v": x[:, 0, 0] + paddle.arange(float(side)),
        "q": x.reshape([batch, 4 * side * side])[:, : side * 16].reshape([batch, side, 2, 8]) if side >= 4 else x,
        "ids": paddle.arange(batch * side).reshape([batch, side]) % 2,
    }


def measure(layer_code: str, expression: str, unknown: str) -> Answer:
    """Convert one call with the dims named unknown, or with none unknown (`unknown` empty)."""
    used = [
        name
        for name in NAMES
        if name in compile(expression, "", "eval").co_names or (name == "x" and "y" in expression)
    ]
    code = compile(expression, "<expression>", "eval")

    def question() -> Answer:
        paddle.seed(1)
        layer = eval(layer_code, dict(MODULES)) if layer_code else None
        if isinstance(layer, paddle.nn.Layer):
            layer.eval()

        def call(*values: Any) -> Any:
            given = dict(zip(used, values, strict=True))
            return eval(code, {**MODULES, "layer": layer, **given, "y": given.get("x")})

        shapes = DIMS[unknown] if unknown else KNOWN
        spec = paddle.static.InputSpec
        specs = [spec(shapes[name], "int64" if name == "ids" else "float32", name) for name in used]
        return convert_and_compare(
            call,
            lambda _, *values: call(*values),
            specs,
            lambda size: [tensors(size, unknown)[name] for name in used],
            shapes_only=bool(RANDOM.search(layer_code + expression)),
            watch_reads=True,
            batches=(2, 3) if unknown else (2,),
        )

    return ask(question)


def calls() -> list[tuple[str, str]]:
    """The calls to try: those written down, and each public function that takes one or two tensors and nothing else."""
    lines = [line for line in CALLS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    found = [(layer.strip(), call.strip()) for layer, _, call in (line.rpartition("=>") for line in lines)]
    written = {name.rpartition(".")[2] for line in lines for name in re.findall(r"[\w.]+(?=\()", line)}
    special = getattr(paddle, "special", paddle)  # absent from 2.6
    for module in (paddle, paddle.nn.functional, paddle.linalg, paddle.fft, paddle.signal, special):
        for name in sorted(getattr(module, "__all__", ())):
            function = getattr(module, name, None)
            path = f"{module.__name__}.{name}"
            if not inspect.isfunction(function) or name.endswith("_") or name in written | NOT_OF_TENSORS:
                continue
            try:
                parameters = list(inspect.signature(function).parameters.values())
            except ValueError:
                continue
            needed = [item for item in parameters if item.default is item.empty and item.kind is not item.VAR_KEYWORD]
            if len(needed) == 1:
                found.append(("", f"{path}(x)"))
            elif len(needed) == 2:
                found.append(("", f"{path}(x, y)"))
    return found


Row = tuple[str, dict[str, Answer]]


def page(rows: list[Row], healthy: int) -> str:
    """The page for people."""
    leaks = [row for row in rows if any(map(leaks_by_itself, row[1].values()))]
    silent = dict.fromkeys(
        row[0].partition("(")[0] for row in leaks if any(answer.outcome == "wrong" for answer in row[1].values())
    )
    others = [row for row in rows if row not in leaks]
    lines = [
        "# Paddle's own APIs that leak unknown dims",
        "",
        f"Found on paddlepaddle {paddle.__version__} by `survey/paddle_leaks.py`, which regenerates this page.",
        "The conversion rewrites the user's functions, never Paddle's: a function of Paddle that takes a size out of `x.shape` gets",
        "`-1` for an unknown one, and what it computes from it is wrong. Nothing in the user's code is at fault, and `paddle.shape`",
        "in the user's code does not help: fix the dim in the input spec, or use another API. A watch names the call and what to write instead.",
        "",
        "Each call below converts and equals dygraph where all dims are known. It was converted again with an unknown batch, unknown",
        "height and width, and all dims unknown, and run at two sizes. Missing in a row means healthy there.",
        "`x` is `[batch, 4, h, w]`, `m` is `[batch, h, h]`, `v` is `[batch, h]`, `q` is `[batch, h, 2, 8]`, `ids` is `[batch, h]`;",
        "`F`, `nn`, `fused`, `ops`, `transforms` and `distribution` are Paddle's modules. The last column holds the lines of Paddle",
        "that took an unknown dim out of a shape: the leak is one of them, since some do so only to compare.",
        "",
        f"{healthy} calls were healthy, {len(leaks)} leak, {len(others)} fail for another reason.",
        "",
        f"Silently wrong: {', '.join(f'`{api}`' for api in silent)}.",
        "",
        "## Leaks",
        "",
        "| call | unknown | what happens | read at |",
        "| --- | --- | --- | --- |",
        *(line for row in leaks for line in cells(row)),
        "",
        "## Fails with unknown dims, but leaks none",
        "",
        "The op itself wants a known dim, and says so.",
        "",
        "| call | unknown | what happens | raised at |",
        "| --- | --- | --- | --- |",
        *(line for row in others for line in cells(row)),
    ]
    return "\n".join(lines) + "\n"


GETITEM = "paddle/base/variable_index.py"
"""Reads shapes with care: what it cannot know it leaves to the op."""


def blamed(answers: dict[str, Answer], harmless: set[str]) -> dict[str, Answer]:
    """The answers without the reads that also stand in calls that are healthy, as far as others are left."""

    def reads(answer: Answer) -> tuple[str, ...]:
        suspects = [place for place in answer.reads if GETITEM not in place]
        return tuple([place for place in suspects if place not in harmless] or suspects)

    return {unknown: answer._replace(reads=reads(answer)) for unknown, answer in answers.items()}


def leaks_by_itself(answer: Answer) -> bool:
    """Whether Paddle's Python code took an unknown dim, and it was not the op itself that refused its operand."""
    return bool(answer.reads) and not answer.detail.startswith("(InvalidArgument)")


COMPARING = {
    "where": "compares the shapes of its operands, and its op wants them equal: ST503 says so; `take` calls it after it has read one itself",
    "atan2": "compares them too",
}
"""Functions that read an unknown dim in a call that leaks and are not to blame, with why."""
DISTRIBUTIONS = "paddle/distribution/"
"""What stands here leaks whatever it is called: see `shapetrace/facts/leaks.py`."""


def readers(rows: list[Row]) -> list[str]:
    """The functions that are to blame, by name."""
    reads = {
        read for _, answers in rows for answer in answers.values() if leaks_by_itself(answer) for read in answer.reads
    }
    functions = {read.partition(" (")[0] for read in reads if DISTRIBUTIONS not in read}
    return sorted(functions - COMPARING.keys())


def data(functions: list[str]) -> str:
    """The data file, one function a line, so that a diff shows each."""
    return json.dumps({"paddle": paddle.__version__, "functions": functions}, indent=1) + "\n"


HAPPENS = {
    "raises": "conversion raises",
    "fails-at-run-time": "converts, then every inference fails",
    "wrong": "**silently wrong**",
    "aborts": "the process aborts",
    "never-ends": "the conversion never ends",
}


def cells(row: Row) -> list[str]:
    """The lines of the table for one call, the same answers joined."""
    call, answers = row
    merged: dict[tuple[str, str], list[str]] = {}
    for unknown, answer in answers.items():
        detail = re.sub(r"\(at .*|\(batch \d\)", "", answer.detail).replace("|", "\\|").replace("`", "'").strip()
        places = ", ".join(f"`{place}`" for place in answer.reads or ([answer.place] if answer.place else []))
        said = HAPPENS[answer.outcome] + (f": {detail}" if detail else "")
        merged.setdefault((said, places), []).append(unknown)
    rows = ((said.replace("](", r"]\("), places, "; ".join(unknown)) for (said, places), unknown in merged.items())
    return [f"| `{call}` | {unknown} | {said} | {places} |" for said, places, unknown in rows]


def main(wanted: list[str]) -> None:
    """Try every call and write down those that leak."""
    rows: list[Row] = []
    harmless: set[str] = set()
    healthy = impossible = 0
    for layer_code, expression in calls():
        if wanted and not any(word in layer_code + expression for word in wanted):
            continue
        control = measure(layer_code, expression, "")
        name = expression.replace("layer", layer_code, 1) if layer_code else expression
        if control.outcome != "healthy":
            impossible += 1
            print("cannot", name, control.outcome, control.detail, flush=True)
            continue
        answers = {unknown: measure(layer_code, expression, unknown) for unknown in DIMS}
        for answer in answers.values():
            harmless.update(answer.reads if answer.outcome == "healthy" else ())
        bad = {unknown: answer for unknown, answer in answers.items() if answer.outcome not in ("healthy", "broken")}
        if not bad:
            healthy += 1
            continue
        rows.append((name, bad))
        for unknown, answer in bad.items():
            print("LEAK", name, "|", unknown, "|", *answer, flush=True)
    if not wanted:
        told = [(call, blamed(answers, harmless)) for call, answers in rows]
        PAGE.write_text(page(told, healthy), encoding="utf-8")
        DATA.write_text(data(readers(told)), encoding="utf-8")
    print(len(rows), "leak or fail,", healthy, "healthy,", impossible, "not convertible even with known dims")


if __name__ == "__main__":
    main(sys.argv[1:])
