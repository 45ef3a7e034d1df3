"""Measure what a negative number that stands for an unknown dim does at each argument of Paddle's API.

    python -m survey.op_arguments            # writes the data file and the page in docs/reference
    python -m survey.op_arguments reshape    # only prints what it finds for some APIs

Each argument is tried with an unmodified -1 and with a computed -8, alone and with a tensor beside it in
the list. What comes out is a fact of the installed Paddle.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import paddle

from survey.c_op_signatures import signatures
from survey.conversion import BATCHES, Answer, ask, convert_and_compare
from survey.op_argument_cases import CASES, Case

ROOT = Path(__file__).parents[1]
DATA = ROOT / "shapetrace/facts/op_arguments.json"
PAGE = ROOT / "docs/reference/op-arguments.md"


def assign_to(tensor: Any, index: Any, value: Any) -> Any:
    """`tensor[index] = value` as an expression."""
    tensor[index] = value
    return tensor


def inputs(batch: int) -> list[Any]:
    """The tensors `x` and `ids`."""
    return [
        paddle.arange(batch * 144, dtype="float32").reshape([batch, 4, 6, 6]),
        paddle.arange(batch * 4).reshape([batch, 4]),
    ]


def measure(case: Case, expression: str, computed: bool, constant: bool = False) -> Answer:
    """Convert the expression with the number a leak makes, and compare it with the true number in dygraph.

    Args:
        case: The question.
        expression: Its expression, or the one with a tensor beside the number.
        computed: Whether the number is -8 rather than -1.
        constant: Use the number that is true at the smaller batch in place of the leak, to see whether Paddle
            converts the expression at all.
    """
    code = compile(expression, "<expression>", "eval")

    def value(n: int, x: Any, ids: Any) -> Any:
        t = paddle.shape(x)[2] if not paddle.in_dynamic_mode() else 6
        names = {"paddle": paddle, "x": x, "ids": ids, "n": n, "k": 1 if computed else 8, "t": t}
        return eval(code, {**names, "assign_to": assign_to})

    def leaked(x: Any, ids: Any) -> Any:
        if constant:
            return value(BATCHES[0] * (8 if computed else 1), x, ids)
        return value(-8 if computed else -1, x, ids)

    def true(batch: int, x: Any, ids: Any) -> Any:
        return value(8 * batch if computed else batch, x, ids)

    spec = paddle.static.InputSpec
    specs = [spec([-1, 4, 6, 6], "float32", "x"), spec([-1, 4], "int64", "ids")]
    batches = BATCHES[:1] if constant else BATCHES
    return ask(lambda: convert_and_compare(leaked, true, specs, inputs, case.random, batches=batches))


def survey(case: Case) -> dict[str, Answer]:
    """The answers for a case; none for an expression that cannot be converted whatever the number."""
    answers = {}
    for suffix, expression in (("", case.expression), ("_beside_tensor", case.beside)):
        for key, computed in (("bare", False), ("computed", True)):
            if not expression:
                continue
            control = measure(case, expression, computed, constant=True)
            if control.outcome == "healthy":
                answers[key + suffix] = measure(case, expression, computed)
            else:
                print("    control:", key + suffix, *control, flush=True)
    return answers


def page(rows: list[tuple[Case, dict[str, Answer]]]) -> str:
    """The table for people."""
    lines = [
        "# What -1 means to each op argument",
        "",
        f"Measured on paddlepaddle {paddle.__version__} by `survey/op_arguments.py`, which regenerates this page.",
        "Each argument got an unmodified `-1` where the true number is the batch (*bare*), and `-8` where it is eight times the",
        "batch (*computed*); where the argument is a list, both again with a tensor beside the number in the list. The converted",
        "function was compared with dygraph at batches 2 and 3.",
        "",
        "*healthy*: equal to dygraph. *raises*: the conversion fails. *fails-at-run-time*: it converts, and every inference fails.",
        "*wrong*: it converts and runs, and the result differs from dygraph.",
        "",
        "| API | argument | meaning | bare -1 | computed -8 | bare, tensor beside | computed, tensor beside | what Paddle says |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for case, answers in rows:
        if "bare" not in answers:
            continue
        said = next((answer.detail for answer in answers.values() if answer.outcome not in ("healthy", "wrong")), "")
        cells = [answers[key].outcome if key in answers else "" for key in OUTCOMES]
        names = case.apis.split()
        argument = " ".join(f"`{name}`" for name in case.argument.split()) + (f" ({case.form})" if case.form else "")
        lines.append(
            f"| `{'`, `'.join(names)}` | {argument} | {case.kind}: {case.text} | {' | '.join(cells)} | {quoted(said)} |"
        )
    impossible = [
        f"`{case.apis.split()[0]}` (`{case.argument.split()[0]}`)" for case, found in rows if "bare" not in found
    ]
    lines += ["", f"Not convertible at all in this version, whatever the number: {', '.join(impossible)}."]
    return "\n".join(lines) + "\n"


OUTCOMES = ("bare", "computed", "bare_beside_tensor", "computed_beside_tensor")


def quoted(text: str) -> str:
    """An error's text inside a table cell."""
    return text.replace("|", "\\|").replace("`", "'").replace("\n", " ").strip()


def main(apis: list[str]) -> None:
    """Run the survey; with names, only for these APIs and without writing."""
    rows = []
    for case in CASES:
        if apis and not set(apis) & set(case.apis.split()):
            continue
        answers = survey(case)
        rows.append((case, answers))
        print(case.apis.split()[0], case.argument, {key: answer.outcome for key, answer in answers.items()}, flush=True)
        for key, answer in answers.items():
            if apis or answer.outcome in ("broken", "aborts", "never-ends"):
                print("   ", key, answer.outcome, answer.detail, answer.place, flush=True)
    if apis:
        return
    arguments = [
        {"apis": case.apis.split(), "arguments": case.argument.split(), "form": case.form}
        | ({"kind": case.kind, "text": case.text} if "bare" in answers else impossible(case))
        | {key: SOUND.get(answer.outcome, answer.outcome) for key, answer in answers.items()}
        for case, answers in rows
    ]
    c_ops = {op: rows for op, rows in signatures().items() if rows and not op.rstrip("_").endswith("_grad")}
    DATA.write_text(
        f'{{"paddle": "{paddle.__version__}",\n"arguments": [\n'
        + ",\n".join(json.dumps(argument) for argument in arguments)
        + '\n],\n"c_ops": {\n'
        + ",\n".join(f"{json.dumps(op)}: {json.dumps(rows)}" for op, rows in c_ops.items())
        + "\n}}\n"
    )
    PAGE.write_text(page(rows))


def impossible(case: Case) -> dict[str, str]:
    """The meaning of an argument of an API that this Paddle does not convert."""
    return {"kind": "ignored", "text": f"{case.apis.split()[0]} cannot be converted, whatever the number"}


SOUND = {"aborts": "fails-at-run-time", "never-ends": "fails-at-run-time"}
"""How the data file puts the answers that are no outcome of an export."""


if __name__ == "__main__":
    main(sys.argv[1:])
