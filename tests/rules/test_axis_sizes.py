"""ST805: a function must know the size of an axis, and the spec leaves it unknown."""

from __future__ import annotations

import pytest

from rules.leak import Leak, tensor
from shapetrace.trace import FailedCall, Failure, Finding, Given


def ended(
    api: str, code: str, message: str, *arguments: Given, by: str = "paddle", kind: str = "ValueError", op: str = ""
) -> list[Finding]:
    """What is found where a call on `x` of [x[0], x[1], 8] ends the conversion."""
    leak = Leak()
    site = leak.site(40, code)
    given = tuple(arguments) or (tensor(-1, -1, 8, code="x", value=leak.x),)
    call = FailedCall(by, api, site, op, arguments=given)  # type: ignore[arg-type]
    leak.program.conversion.failure = Failure(kind, message, (site,), call)
    return leak.found()


@pytest.mark.parametrize(
    ("api", "code", "axis", "dim"),
    [
        ("unbind", "paddle.unbind(x)", 0, "x[0]"),
        ("unbind", "paddle.unbind(x, axis=1)", 1, "x[1]"),
        ("unbind", "x.unbind(1)", 1, "x[1]"),
        ("unstack", "paddle.unstack(x, -2)", 1, "x[1]"),
        ("unbind", "paddle.unbind(x, self.axis)", 0, "x[0]"),
        ("zip", "zip(x, y)", 0, "x[0]"),
    ],
)
def test_what_gives_a_tensor_for_each_place_is_told_with_its_axis(api: str, code: str, axis: int, dim: str) -> None:
    (finding,) = ended(api, code, "", kind="SIGABRT")
    assert (finding.rule, finding.severity) == ("ST805", "error")
    assert (
        finding.message
        == f"{api} must know the size of axis {axis} of `x`, and `{dim}` is known only when the program runs"
    )
    assert [root.symbol for root in finding.roots] == [dim]
    assert finding.sink is not None and (finding.sink.line, finding.sink.op) == (40, api)


def test_a_tensor_that_python_takes_apart_is_told_to_be_indexed() -> None:
    (finding,) = ended("unpack", "a, b = x", "too many values to unpack (expected 2)", by="python")
    assert finding.message.startswith("`a, b = x` must know the size of axis 0 of `x`")
    assert finding.fix is not None and "x[0], x[1]" in finding.fix.says


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("paddle.unbind(self.up(y), axis=0)", "self.up(y)"),
        ("feats[0].unbind()", "feats[0]"),
        ("paddle.unbind(axis=0, input=y)", "y"),
        ("paddle.stack(paddle.unbind(y)[::-1])", "y"),
    ],
)
def test_of_a_dead_process_the_tensor_is_read_from_the_call(code: str, name: str) -> None:
    (finding,) = ended("", code, "", Given("Tensor", shape=(-1, 4)), kind="SIGABRT", op="pd_op.unbind")
    assert (
        finding.message
        == f"unbind must know the size of axis 0 of `{name}`, and `{name}.shape[0]` is known only when the program runs"
    )
    assert finding.expression == name
    assert finding.roots == ()


@pytest.mark.parametrize("code", ["take(y)", "paddle.unbind(*y)", "x = ("])
def test_where_the_call_does_not_show_it_nothing_is_named(code: str) -> None:
    (finding,) = ended("", code, "", Given("Tensor", shape=(-1, 4)), kind="SIGABRT", op="pd_op.unbind")
    assert (
        finding.message
        == "unbind must know the size of axis 0 of the tensor, and this size is known only when the program runs"
    )


def test_a_size_that_is_computed_of_others_has_their_axes_for_roots() -> None:
    leak = Leak()
    both = leak.program.op("pd_op.concat", [leak.x, leak.x], "Add(Mul(2, S0), S1); 8")
    site = leak.site(40, "y.unbind()")
    call = FailedCall("paddle", "unbind", site, "unbind", operands=(Given("Tensor", shape=(-1, 8), value=both),))
    leak.program.conversion.failure = Failure("SIGABRT", "", (site,), call)
    (finding,) = leak.found()
    assert "axis 0 of `y`, and `2*x[0] + x[1]` is known only" in finding.message
    assert [root.symbol for root in finding.roots] == ["x[0]", "x[1]"]


def test_a_size_that_paddle_has_as_minus_one_is_told_in_place_of_a_clash() -> None:
    message = "The square of upscale_factor[4] should divide the number of channel[-1]"
    (finding,) = ended("pixel_shuffle", "F.pixel_shuffle(x, 2)", message)
    assert (finding.rule, finding.symbolic) == ("ST805", "x[1]")


def test_channels_may_come_last() -> None:
    leak = Leak("S0; 4; 4; S1")
    site = leak.site(40, "F.pixel_shuffle(x, 2, 'NHWC')")
    given = (tensor(-1, 4, 4, -1, code="x", value=leak.x), Given("str", "data_format", "'NHWC'"))
    call = FailedCall("paddle", "pixel_shuffle", site, arguments=given)
    leak.program.conversion.failure = Failure("ValueError", "should divide the number of channel[-1]", (site,), call)
    assert [(finding.rule, finding.symbolic) for finding in leak.found()] == [("ST805", "x[3]")]


@pytest.mark.parametrize(
    ("api", "code", "message", "shape"),
    [
        ("pixel_shuffle", "F.pixel_shuffle(x, 2)", "should divide the number of channel[6]", (-1, 6, 4, 4)),
        ("pixel_shuffle", "F.pixel_shuffle(x, 2)", "the shape of input is [-1, -1, 4, 4], which is refused", (-1, -1, 4, 4)),
        ("unbind", "paddle.unbind(x, axis=1)", "refused", (-1, 4)),
        ("relu", "F.relu(x)", "got [-1]", (-1, 4)),
    ],
)  # fmt: skip
def test_what_failed_of_anything_else_is_not_accused(api: str, code: str, message: str, shape: tuple[int, ...]) -> None:
    found = ended(api, code, message, tensor(*shape, code="x"))
    assert [finding.rule for finding in found if finding.rule == "ST805"] == []
