"""ST504 of an index that is a tensor and a slice between numbers in one pair of brackets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rules.leak import Leak, tensor
from rules.snippets import Snippet
from shapetrace import edits
from shapetrace.trace import FailedCall, Finding

SAYS = "index in two steps: first what takes an axis away, then the slices between numbers"


def sliced(
    leak: Leak,
    axes: list[int],
    flags: list[int],
    decrease: list[int],
    dims: str,
    shape: tuple[int, ...],
    line: int = 33,
) -> int:
    """Add a slice whose bounds are tensors, of which the program has one shape and the symbolic pass another."""
    leak.program.line = line
    bounds = [leak.program.op("pd_op.stack", (), str(len(axes))) for _ in range(2)]
    attrs: dict[str, Any] = {"axes": axes, "infer_flags": flags, "decrease_axis": decrease}
    value = leak.program.op("pd_op.slice", (leak.x, *bounds), dims, attrs=attrs)
    leak.program.conversion.values[value].shape = shape
    return value


def told(leak: Leak) -> list[tuple[str, str]]:
    return [(each.severity, each.message) for each in leak.found("ST504")]


@pytest.mark.parametrize(
    ("axes", "flags", "decrease", "refused"),
    [
        ([0, 1], [1, -1], [1], True),  # x[1:3, n]
        ([0, 1, 2], [-1, 1, -1], [0, 2], True),  # x[n, 1:3, n]
        ([0, 1, 2], [1, 1, -1], [0, 2], True),  # x[0, 1:3, n]
        ([0, 1, 2], [1, -1, 1], [1], True),  # x[1:3, n, 2:4]
        ([0, 1], [-1, 1], [0], False),  # x[n, 1:3]
        ([0, 1, 2], [-1, 1, 1], [0, 2], False),  # x[n, 1:3, 0]
        ([0, 1], [1, -1], [0], False),  # x[0, 1:n]
        ([0, 1], [1, -1], [0, 1], False),  # x[0, n]
        ([0, 1], [1, 1], [1], False),  # x[1:3, 0]
        ([0, 1], [1, -1], [], False),  # x[1:3, n:]
    ],
)
def test_what_the_kernel_refuses_at_each_run(
    axes: list[int], flags: list[int], decrease: list[int], refused: bool
) -> None:
    leak = Leak("8; 8; 8")
    sliced(leak, axes, flags, decrease, "2; 8", (2, 8))
    message = "`` fails at every run: in it a slice between numbers comes before an index that is a tensor"
    assert told(leak) == ([("error", message)] if refused else [])


def test_a_wrong_shape_alone_is_a_note() -> None:
    leak = Leak("S0; 8; 8")
    sliced(leak, [1, 2], [-1, 1], [1], "S0; 2", (-1, 0))
    (finding,) = leak.found("ST504")
    assert (finding.severity, finding.message) == ("note", "Paddle infers that axis 1 of `` is 0, and it is 2")
    assert finding.notes[0].startswith("the op itself computes with the real sizes")


def test_what_the_wrong_shape_ends_is_put_down_to_the_index() -> None:
    leak = Leak("S0; 8; 8")
    value = sliced(leak, [1, 2], [-1, 1], [1], "S0; 2", (-1, 0))
    given = (tensor(-1, 0, value=value), tensor(-1, 2, value=leak.x))
    call = FailedCall("paddle", "add", leak.site(40, "a + b"), "add", given, given)
    leak.failed("Broadcast dimension mismatch", call=call)

    assert [(each.rule, each.severity) for each in leak.found()] == [("ST504", "error")]


def test_what_another_operand_ends_is_not() -> None:
    leak = Leak("S0; 8; 8")
    sliced(leak, [1, 2], [-1, 1], [1], "S0; 2", (-1, 0))
    given = (tensor(-1, 8, 8, value=leak.x), tensor(3, 5))
    call = FailedCall("paddle", "add", leak.site(40, "a + b"), "add", given, given)
    leak.failed("something else", call=call)

    assert [(each.rule, each.severity) for each in leak.found()] == [("ST701", "error"), ("ST504", "note")]


def test_of_two_the_one_that_the_failed_call_was_given_is_told_of() -> None:
    leak = Leak("S0; 8; 8")
    sliced(leak, [1, 2], [-1, 1], [1], "S0; 3", (-1, 0))
    value = sliced(leak, [1, 2], [-1, 1], [1], "S0; 2", (-1, 0), line=34)
    doubled = leak.program.op("pd_op.scale", (value,), "S0; 2")
    leak.program.conversion.values[doubled].shape = (-1, 0)
    given = (tensor(-1, 0, value=doubled), tensor(-1, 2, value=leak.x))
    leak.failed(
        "Broadcast dimension mismatch", call=FailedCall("paddle", "add", leak.site(40, "a + b"), "add", given, given)
    )

    assert [(each.severity, each.message[-12:]) for each in leak.found("ST504")] == [
        ("error", "0, and it is 2"[-12:]),
        ("note", "0, and it is 3"[-12:]),
    ]


def test_one_that_is_refused_at_runs_says_so_though_another_ended_the_conversion() -> None:
    leak = Leak("S0; 8; 8")
    sliced(leak, [0, 1], [1, -1], [1], "S0; 8", (-1, 8))
    value = sliced(leak, [1, 2], [-1, 1], [1], "S0; 2", (-1, 0), line=34)
    given = (tensor(-1, 0, value=value), tensor(-1, 2, value=leak.x))
    leak.failed(
        "Broadcast dimension mismatch", call=FailedCall("paddle", "add", leak.site(40, "a + b"), "add", given, given)
    )

    messages = sorted(each.message for each in leak.found("ST504"))
    assert [message.startswith("Paddle infers that axis 1") for message in messages] == [True, False]
    assert messages[1].startswith("`` fails at every run")


def test_channels_are_not_counted_by_a_wrong_shape() -> None:
    leak = Leak("S0; 8; 8; 8")
    value = sliced(leak, [1, 2], [-1, 1], [1], "S0; 4; 8", (-1, 0, 8))
    kernel = leak.program.op("builtin.parameter", (), "4; 4; 3")
    leak.program.op("pd_op.conv2d", (value, kernel), "S0; 4; 6", attrs={"groups": 1, "data_format": "NCHW"})

    assert leak.found("ST701") == []


@pytest.mark.parametrize(
    ("code", "indices", "instead"),
    [
        ("x[1:3, n]", 1, "x[:, n][1:3]"),
        ("x[:, n - 1, :4]", 1, "x[:, n - 1][:, :4]"),
        ("x[n, 1:3]", 1, "x[n][1:3]"),
        ("x[n, 1:3, m]", 2, "x[n, :, m][1:3]"),
        ("x[0, n, -3:]", 2, "x[0, n][-3:]"),
        ("x[m:, n, 1:3]", 1, "x[m:, n][:, 1:3]"),
        ("f(x)[1:3, n][0]", 1, "f(x)[:, n][1:3][0]"),
        ("x[:, n, 1:3] + x[:, 0, 1:3]", 1, "x[:, n][:, 1:3] + x[:, 0, 1:3]"),
        ("x[..., 1:3, n]", 1, ""),
        ("x[None, 1:3, n]", 1, ""),
        ("x[1:3, n] + y[1:3, n]", 1, ""),
        ("x[index]", 1, ""),
    ],
)
def test_the_fix_indexes_in_two_steps(tmp_path: Path, code: str, indices: int, instead: str) -> None:
    file = tmp_path / "net.py"
    snippet = Snippet(f"def forward(x, n, m):\n    y = «{code}»\n    return y\n", file)
    file.write_text(snippet.text, encoding="utf-8")
    leak = Leak("8; 8; 8; 8; 8")
    axes = [*range(indices + 1)]
    value = sliced(leak, axes, [1, *[-1] * indices], axes[1:], "2; 8; 8", (0, 8, 8))
    op = leak.program.conversion.ops[leak.program.conversion.values[value].op]
    leak.trace.sites[op.stack[-1]] = snippet.site

    (finding,) = leak.found("ST504")
    assert finding.fix is not None and str(finding.fix.says) == SAYS
    assert _fixed(finding, snippet) == instead


def _fixed(finding: Finding, snippet: Snippet) -> str:
    """What the fix makes of the marked place; empty where it has no edits."""
    assert finding.fix is not None
    changed = edits.applied(snippet.text, finding.fix.edits)
    return changed.splitlines()[1].removeprefix("    y = ") if finding.fix.edits else ""
