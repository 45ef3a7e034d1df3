"""ST703 and ST702 told by what the user gave: which elements are tensors, of which size, and what is worked on."""

from __future__ import annotations

import msgspec
import pytest

from rules.leak import Leak, number, tensor
from shapetrace.trace import FailedCall, Finding, Given, InDygraph

BASE = "paddle.base.libpaddle.pir.Value"


def failed(leak: Leak, call: FailedCall, message: str, kind: str = "TypeError") -> Finding:
    (finding,) = leak.failed(message, call=call, kind=kind).found()
    return finding


def padded(leak: Leak) -> tuple[int, ...]:
    """Tensors that hold x[1] and x[1] + 3, and the site that read them."""
    site = leak.site(30, "x.shape")
    width = leak.program.read(leak.x, "S0; S1; 8", 1, "S1")
    three = leak.program.op("pd_op.full", (), "", data="3")
    more = leak.program.op("pd_op.add", (width, three), "", data="Add(S1, 3)")
    return width, more, site


def test_the_elements_that_are_tensors_are_named_with_their_sizes() -> None:
    leak = Leak()
    width, more, site = padded(leak)
    items = (number(0), tensor(value=width, reads=(site,)), number(0), tensor(value=more, reads=(site,)))
    given = (tensor(-1, -1, 8, name="x", value=leak.x), Given("tuple", "pad", code="edges", items=items))
    operands = (given[0], Given("list", items=items), number(0))
    call = FailedCall("paddle", "pad", leak.site(40, "F.pad(x, edges)"), "pad", given, operands)

    found = failed(leak, call, f"pad(): argument (position 2) must be list of int, but got {BASE} at pos 1")

    assert found.rule == "ST703"
    assert found.message == "pad wants a list of ints for pad, and pad[1] (x[1]) and pad[3] (x[1] + 3) are tensors"
    assert found.source is not None and found.source.line == 30
    assert found.notes[-1].startswith("pad only the last axes, and give all their numbers as one tensor")


def test_tensors_in_a_list_of_ints_are_told_though_python_has_decided_on_a_dim() -> None:
    leak = Leak()
    width, _, site = padded(leak)
    leak.used("compare", leak.n, op=">", against="4", result="False", context="branch")
    items = (number(0), tensor(value=width, reads=(site,)))
    given = (tensor(-1, -1, 8, name="x", value=leak.x), Given("list", "pad", items=items))
    call = FailedCall("paddle", "pad", leak.site(40, "F.pad(x, [0, n])"), "pad", given, given, rewritten=True)
    leak.failed(
        f"pad(): argument (position 2) must be list of int, but got {BASE} at pos 1", call=call, kind="TypeError"
    )

    assert leak.told("ST201", "ST703") == [("ST201", "error"), ("ST703", "error")]


def test_one_tensor_in_a_list_of_ints() -> None:
    leak = Leak()
    width, _, site = padded(leak)
    items = (tensor(value=width, reads=(site,)), number(2))
    given = (tensor(-1, -1, 8, name="x", value=leak.x), Given("list", "sizes", items=items))
    call = FailedCall("paddle", "fold", leak.site(40, "use(n)"), "fold", given, given)

    found = failed(leak, call, f"fold(): argument (position 2) must be list of int, but got {BASE} at pos 0")

    assert found.message == "fold wants a list of ints for sizes, and sizes[0] (x[1]) is a tensor"


def test_a_number_among_tensors() -> None:
    """A size is an int where the spec gives it. Paddle's name for the list is not that of its parameter."""
    leak = Leak()
    items = (Given("int", text="160", code="h"), Given("int", text="160", code="w"))
    call = FailedCall(
        "paddle",
        "concat",
        leak.site(40, "paddle.concat([h, w])"),
        "",
        (Given("list", "x", code="[h, w]", items=items),),
    )

    found = failed(
        leak, call, f"The type of 'input[0]' in concat must be (<class '{BASE}'>,), but received <class 'int'>."
    )

    assert (found.rule, found.message) == ("ST703", "concat wants a tensor for x[0], and got an int (h)")


@pytest.mark.parametrize(
    ("message", "beside"),
    [
        ("(Fatal) Call static_op_arg_pre_cast_hook failed.", tensor(-1, 8)),
        ("'tuple' object has no attribute 'dtype'", Given("NoneType")),
    ],
)
def test_several_tensors_where_one_belongs(message: str, beside: Given) -> None:
    leak = Leak()
    pair = Given("tuple", "y", code="pair", items=(tensor(-1, 8, value=leak.x), beside))
    given = (tensor(-1, 8, name="x", value=leak.x), Given("list", "shape", items=(number(2),)), pair)
    call = FailedCall("paddle", "add", leak.site(40, "paddle.add(x, pair)"), "add", given)

    found = failed(leak, call, message, "SystemError")

    assert (found.rule, found.message) == ("ST703", "add wants a tensor for y, and got a tuple (pair)")
    assert found.notes[-1] == "one of its elements is a tensor: pair[0]"
    assert found.sink is not None and found.sink.argument == "y"


@pytest.mark.parametrize(
    ("held", "hint"),
    [(2, "take the one that is meant: size[0]"), (0, "it is the shape of a tensor without axes, which has none")],
)
def test_a_shape_where_one_size_belongs(held: int, hint: str) -> None:
    leak = Leak()
    size = leak.program.op("pd_op.shape64", (leak.x,), str(held))
    items = (tensor(held, code="size", value=size), number(5))
    given = (tensor(-1, 8, name="x", value=leak.x), Given("list", "shape", items=items))
    call = FailedCall("paddle", "expand", leak.site(40, "x.expand([size, 5])"), "reshape", given, (items[0],))

    found = failed(leak, call, "The 'shape' in ReshapeOp is invalid.", "ValueError")

    assert (found.rule, found.message) == ("ST703", f"expand wants one number for a size, and size holds {held}")
    assert found.notes[-1] == hint


@pytest.mark.parametrize("listed", [True, False])
def test_a_kernel_that_is_a_tensor(listed: bool) -> None:
    leak = Leak()
    width, _, site = padded(leak)
    size = tensor(name="" if listed else "kernel_size", code="n", value=width, reads=(site,))
    kernel = Given("tuple", "kernel_size", items=(size, number(1))) if listed else size
    given = (tensor(-1, -1, 8, name="x", value=leak.x), kernel)
    call = FailedCall("paddle", "max_pool2d", leak.site(40, "use(n)"), "", given)
    message = "`pool_size` required numerical type with `<class 'int'>`, but received Tensor."

    found = failed(leak, call, message, "NotSupportedTensorArgumentError")

    wants = (
        "a list of ints for kernel_size, and kernel_size[0] (x[1]) is" if listed else "an int for kernel_size, and got"
    )
    assert found.message.startswith(f"max_pool2d wants {wants} a tensor")
    assert found.notes[-1].endswith("F.adaptive_max_pool2d(x, 1)")


@pytest.mark.parametrize(
    ("api", "name", "kind", "message", "said"),
    [
        ("layer_norm", "normalized_shape", "ValueError", "`normalized_shape` should be int, list of ints or tuple of ints.", "layer_norm wants an int for normalized_shape, and got a tensor (n)"),
        ("pixel_shuffle", "upscale_factor", "TypeError", "upscale factor must be int type", "pixel_shuffle wants an int for upscale_factor, and got a tensor (n)"),
        ("center_crop", "output_size", "ValueError", "not enough values to unpack (expected 2, got 0)", "center_crop wants a list of ints for output_size, and n is a tensor without axes"),
        ("tile", "repeat_times", "AssertionError", "repeat_times must be a Tensor with ndim == 1.", "tile wants a list of ints for repeat_times, and n is a tensor without axes"),
    ],
)  # fmt: skip
def test_a_tensor_that_a_function_checks_itself(api: str, name: str, kind: str, message: str, said: str) -> None:
    leak = Leak()
    width, _, site = padded(leak)
    given = (
        tensor(-1, -1, 8, name="x", value=leak.x),
        tensor(name=name, code="n", value=width, reads=(site,)),
    )
    call = FailedCall("paddle", api, leak.site(40, "use(n)"), "", given)

    assert failed(leak, call, message, kind).message == said


def test_a_tensor_of_which_paddle_made_an_empty_list() -> None:
    leak = Leak()
    given = (tensor(-1, 8, name="x", value=leak.x), Given("list", "output_size", code="n // 2"))
    call = FailedCall("paddle", "adaptive_avg_pool2d", leak.site(40, "use(n)"), "", given)

    found = failed(leak, call, "list index out of range", "IndexError")

    said = "adaptive_avg_pool2d wants a list of ints for output_size, and n // 2 is a tensor without axes"
    assert found.message == said
    assert found.notes[-1] == "put it in a list, once for each axis"


def test_a_tensor_where_a_number_belongs() -> None:
    leak = Leak()
    given = (tensor(-1, -1, 8, name="x", value=leak.x), tensor(name="value", code="sample"))
    call = FailedCall("paddle", "pad", leak.site(40, "use(n)"), "pad3d", given, given)

    found = failed(leak, call, f"pad3d(): argument (position 2) must be double, but got {BASE}")

    assert found.message == "pad wants a number for value, and got a tensor (sample)"
    assert "paddle.concat" in found.notes[-1]


def test_the_usual_check_of_a_type_is_read() -> None:
    leak = Leak()
    given = (tensor(-1, -1, 8, name="x", value=leak.x), Given("str", "shape", "'4'"))
    call = FailedCall("paddle", "expand", leak.site(40, "use(n)"), "", given)
    message = "The type of 'shape' in expand must be (<class 'list'>, <class 'tuple'>), but received <class 'str'>. "

    assert failed(leak, call, message).message == "expand cannot take a str ('4') for shape"


def test_a_tensor_is_called_so_in_a_check() -> None:
    leak = Leak()
    given = (Given("list", "x"), tensor(-1, name="axis", code="n", value=leak.x))
    call = FailedCall("paddle", "stack", leak.site(40, "use(n)"), "", given)
    message = (
        "The type of 'axis' in stack must be <class 'int'>, but received <class 'paddle.base.libpaddle.pir.Value'>."
    )

    assert failed(leak, call, message).message == "stack cannot take a tensor (n) for axis"


def test_what_is_sliced_is_the_operand_and_not_the_bound() -> None:
    leak = Leak()
    bound = leak.program.input("offset", "0")
    given = (
        tensor(-1, -1, 8, code="table", value=leak.x),
        Given("tuple", "item", items=(Given("slice"), Given("slice"))),
    )
    call = FailedCall("paddle", "[]", leak.site(40, "table[:, :offset]"), "reshape", given, (tensor(0, value=bound),))

    found = failed(leak, call, "The 'shape' in ReshapeOp is invalid.", "ValueError")

    assert found.rule == "ST703"
    assert found.message == "table [x[0], x[1], 8] is sliced with a tensor [0], where a bound holds one number"


def test_an_axis_is_one_of_the_tensor_that_was_given() -> None:
    leak = Leak()
    inner = leak.program.op("pd_op.cast", (leak.x,), "S0")
    given = (tensor(-1, -1, 8, name="x", code="table", value=leak.x), number(3, "axis"))
    call = FailedCall("paddle", "sum", leak.site(40, "use(n)"), "sum", given, (tensor(-1, value=inner),))

    found = failed(leak, call, "The axis is out of range.", "ValueError")

    assert found.message == "sum got axis = 3, and table [x[0], x[1], 8] has 3 axes, 0 to 2"


def test_a_matrix_that_fits_when_it_is_turned_may_be_meant_so() -> None:
    leak = Leak()
    rows = leak.program.op("pd_op.relu", (leak.x,), "S0; S1; 8")
    operands = (tensor(-1, -1, 8, name="x", code="x", value=leak.x), tensor(-1, 5, 8, name="y", code="y", value=rows))
    call = FailedCall("paddle", "matmul", leak.site(40, "paddle.matmul(x, y)"), "matmul", operands, operands)

    fix = failed(leak, call, "(InvalidArgument) Input(Y) has error dim.", "ValueError").fix

    assert fix is not None
    assert (fix.says, fix.applicability) == ("the same operand, its last two axes swapped", "maybe")
    assert [edit.text for edit in fix.edits] == ["paddle.matmul(x, y, transpose_y=True)"]


def test_a_zero_in_a_shape_copies_an_axis_that_there_must_be() -> None:
    leak = Leak()
    shape = Given("list", "shape", items=(number(-1), number(8), number(1), number(0)))
    given = (tensor(-1, -1, 8, value=leak.x), shape)
    call = FailedCall("paddle", "reshape", leak.site(40, "use(n)"), "reshape", given, given)

    found = failed(leak, call, "(InvalidArgument) The index of 0 in `shape` is out of range.", "ValueError")

    assert found.message == "reshape got shape[3] = 0, which copies axis 3, and its operand [x[0], x[1], 8] has none"


def _refused(message: str, *given: Given, runs: bool | None = True) -> list[tuple[str, str]]:
    """What is said of a call that an exception of Paddle's ended, where the model itself has been tried."""
    leak = Leak()
    width, _, site = padded(leak)
    held = tuple(msgspec.structs.replace(item, value=width, reads=(site,)) for item in given)
    call = FailedCall("paddle", "norm", leak.site(40, "norm(x, 2, n)"), "", held, rewritten=True)
    leak.failed(message, call=call, kind="TypeError")
    failure = leak.program.conversion.failure
    tried = None if runs is None else InDygraph(runs, "x [2, 4]")
    leak.program.conversion.failure = msgspec.structs.replace(failure, in_dygraph=tried)
    return [(finding.rule, finding.message) for finding in leak.found()]


@pytest.mark.parametrize(
    ("message", "runs", "told"),
    [
        ("groups must be int type", True, True),
        ("cannot access local variable 'tensor'", True, True),
        ("list indices must be integers or slices, not paddle.base.libpaddle.pir.Value", True, True),
        ("the axis is beyond all that is known", True, True),
        ("setting an array element with a sequence.", True, True),
        ("the input is too small", True, False),
        ("groups must be int type", False, False),
        ("groups must be int type", None, False),
        ("We only support 'view()' in dynamic graph mode, of a tensor", True, False),
    ],
)
def test_a_dim_that_an_exception_is_about_is_named(message: str, runs: bool | None, told: bool) -> None:
    found = _refused(message, Given("Tensor", "axis", code="n"), runs=runs)
    assert [rule for rule, _ in found] == ["ST703" if told else "ST809"]
    if told:
        assert found[0][1] == "norm wants a number for axis, and n is a tensor in converted code"


def test_a_dim_is_found_in_a_list_of_lists() -> None:
    leak = Leak()
    width, _, site = padded(leak)
    dim = Given("Tensor", code="n", value=width, reads=(site,))
    axes = Given("list", "axes", items=(Given("list", items=(number(1),)), Given("list", items=(number(2), dim))))
    call = FailedCall("paddle", "tensordot", leak.site(40, "tensordot(x, y, axes)"), "", (axes,))
    leak.failed("list indices must be integers or slices, not Value", call=call, kind="TypeError")
    failure = leak.program.conversion.failure
    leak.program.conversion.failure = msgspec.structs.replace(failure, in_dygraph=InDygraph(True, "x [2, 4]"))

    (finding,) = leak.found()
    assert finding.message == "tensordot wants a number for axes[1][1], and n is a tensor in converted code"


@pytest.mark.parametrize(("extra", "told"), [("NoneType", False), ("slice", True)])
def test_a_new_axis_is_no_index(extra: str, told: bool) -> None:
    """`x[None, :, :, :]` of three axes is fine, whatever Paddle refused."""
    leak = Leak()
    items = (Given(extra), *[Given("slice")] * 3)
    given = (tensor(-1, -1, 8, name="x", value=leak.x), Given("tuple", "item", items=items))
    call = FailedCall("paddle", "[]", leak.site(40, "x[new, :, :, :]"), arguments=given)
    messages = [finding.message for finding in leak.failed("no", call=call).found()]
    assert any("is indexed with 4 indices, and has 3 axes" in message for message in messages) == told
