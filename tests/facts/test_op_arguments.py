from __future__ import annotations

import re
from pathlib import Path

import pytest

from shapetrace.facts import op_arguments
from shapetrace.facts.op_arguments import is_known, kept_form, meaning, numbers
from subprocess_run import run_python

ROOT = Path(__file__).parents[2]

NO_SIZE_OF_THE_USERS = {
    "data": "the input spec, where -1 is what unknown dims are declared with",
    "array_read": "the position in a TensorArray, which is no tensor's dim",
    "flash_attn_unpadded": "GPU only",
    "flash_attn_v3_varlen": "GPU only",
    "flash_attn_varlen_qkvpacked": "GPU only",
    "memory_efficient_attention": "GPU only",
    "fused_transpose_split_quant": "GPU only",
    "fused_transpose_wlch_split_quant": "GPU only",
}

COMPARE_WITH_HEADERS = """
import sys
import paddle
from survey.c_op_signatures import signatures
from shapetrace.facts.op_arguments import _table, numbers
if paddle.__version__ != _table().paddle:
    sys.exit("another version")
for op, rows in signatures().items():
    if not op.rstrip("_").endswith("_grad"):
        assert [row[0] for row in rows] == [number.name for number in numbers(op)], op
"""


def test_reshape_infers_one_unmodified_minus_one_and_refuses_what_was_computed_from_it():
    shape = meaning("reshape", "shape", 0)
    assert (shape.kind, shape.bare, shape.computed) == ("infer", "healthy", "raises")
    assert shape.text == "reshape infers one -1"


def test_a_tensor_beside_the_number_puts_the_failure_off_to_every_run():
    assert meaning("reshape", "shape", 0).computed_beside_tensor == "fails-at-run-time"


def test_reshape_infers_no_second_one():
    assert meaning("reshape", "shape", 0, "several").bare == "raises"


@pytest.mark.parametrize(
    ("operand", "index", "form", "bare"),
    [
        ((-1, 4), 0, "kept", "healthy"),
        ((1, 4), 0, "known", "wrong"),
        ((4,), 0, "new-axis", "fails-at-run-time"),
    ],
)
def test_expand_keeps_what_the_operand_has(operand, index, form, bare):
    assert kept_form(operand, index, length=2) == form
    assert meaning("expand", "shape", index, form).bare == bare


def test_expand_of_an_operand_that_no_one_knows_is_taken_to_keep_an_unknown_dim():
    assert meaning("expand", "shape", 0).bare == "healthy"


@pytest.mark.parametrize(
    ("api", "argument", "index", "kind", "bare"),
    [
        ("full", "shape", 0, "invalid", "raises"),
        ("tile", "repeat_times", 0, "runtime", "fails-at-run-time"),
        ("rand", "shape", 0, "runtime", "fails-at-run-time"),
        ("arange", "end", None, "number", "wrong"),
        ("to_tensor", "data", 0, "number", "wrong"),
        ("scale", "scale", None, "number", "wrong"),
        ("one_hot", "num_classes", None, "number", "wrong"),
        ("slice", "ends", 0, "last", "wrong"),
        ("split", "num_or_sections", 0, "infer", "healthy"),
        ("split", "num_or_sections", None, "invalid", "raises"),
        ("interpolate", "size", 0, "invalid", "raises"),
        ("topk", "k", None, "invalid", "raises"),
        ("repeat_interleave", "repeats", None, "invalid", "raises"),
        ("sum", "axis", None, "axis", "wrong"),
    ],
)
def test_each_argument_has_its_own_meaning(api, argument, index, kind, bare):
    found = meaning(api, argument, index)
    assert (found.kind, found.bare) == (kind, bare)


@pytest.mark.parametrize(
    ("frame", "argument", "api"),
    [
        ("Tensor.reshape", "shape", "reshape"),
        ("_getitem_static", "indices", "getitem"),
        ("_setitem_static", "indices", "setitem"),
        ("_roll", "shifts", "roll"),
        ("topk_", "k", "topk"),
    ],
)
def test_functions_of_paddle_go_by_the_name_of_their_api(frame, argument, api):
    assert meaning(frame, argument) == meaning(api, argument)
    assert meaning(api, argument).kind != "ignored"


def test_a_call_whose_argument_is_not_known_means_what_its_first_one_means():
    assert meaning("arange", None).kind == meaning("arange", "").kind == "number"


def test_what_no_one_measured_is_a_plain_number_or_an_axis_or_no_number():
    assert meaning("yolo_box", "class_num").bare == "wrong"
    assert meaning("some_api", "axis").kind == "axis"
    assert meaning("some_api", "keepdim").bare == "healthy"


@pytest.mark.parametrize(
    ("api", "argument", "kind", "said", "bare"),
    [
        ("paddle.some_api_", "axis", "axis", "some_api_'s axis is the number of an axis", "wrong"),
        ("some_api", "keepdim", "ignored", "some_api's keepdim is no size", "healthy"),
        ("some_api", "", "number", "some_api takes the number as it is", "wrong"),
        ("some_api", "size", "number", "some_api's size is taken as the number it is", "wrong"),
        ("yolo_box", "class_num", "number", "yolo_box's class_num is taken as the number it is", "wrong"),
        ("yolo_box", "other", "number", "yolo_box takes the number as it is", "wrong"),
    ],
)
def test_what_no_one_measured_is_told_in_words(api, argument, kind, said, bare):
    found = meaning(api, argument)
    assert (found.kind, str(found.said), found.bare, found.computed) == (kind, said, bare, bare)


def test_the_form_of_a_use_decides_what_a_number_means():
    assert meaning("expand", "shape", 0) == meaning("expand", "shape", 0, "kept")
    assert meaning("expand", "shape", 0, "known") != meaning("expand", "shape", 0, "kept")
    assert meaning("arange", "end", None) == meaning("arange", "end", None, "scalar")


@pytest.mark.parametrize(
    ("operand", "index", "length", "form"),
    [
        ((-1, 4), 0, 2, "kept"),
        ((-1, 4), 1, 3, "kept"),
        ((1, 4), 1, 3, "known"),
        ((0, 4), 0, 2, "known"),
        ((4,), 1, 3, "new-axis"),
    ],
)
def test_the_form_of_an_expand(operand, index, length, form):
    assert kept_form(operand, index, length) == form


def test_what_is_known():
    assert is_known("reshape", "shape") and is_known("some_api", "axis") and is_known("some_api", "dtype")
    assert not is_known("some_api", "size") and not is_known("reshape", "other")


def test_a_c_op_says_which_of_its_positions_takes_a_number():
    (shape,) = numbers("reshape")
    assert (shape.name, shape.position, shape.type, shape.computable) == ("shape", 1, "ints", True)
    assert numbers("relu") == ()


def test_every_size_that_a_c_op_takes_is_in_the_table():
    """Paddle declares arguments that may be computed from shapes as int arrays or scalars: none may be unknown here."""
    unknown = [
        f"{op}.{number.name}"
        for op, found in op_arguments._table().c_ops.items()
        for number in found
        if number.type in ("int", "ints") and number.computable and not is_known(op, number.name)
        if op not in NO_SIZE_OF_THE_USERS
    ]
    assert unknown == []


def test_the_page_for_people_says_what_the_table_says():
    page = (ROOT / "docs/reference/op-arguments.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    said = {}
    for apis, names, _, bare, computed, *_ in rows:
        form = re.search(r"\((.+)\)", names)
        said[re.findall(r"`([^`]+)`", apis)[0], re.findall(r"`([^`]+)`", names)[0], form[1] if form else ""] = (
            bare,
            computed,
        )
    table = {
        (row.apis[0], row.arguments[0], row.form): (row.bare, row.computed)
        for row in op_arguments._table().arguments
        if row.kind != "ignored"
    }
    sound = {"never-ends": "fails-at-run-time", "aborts": "fails-at-run-time", "": "healthy"}
    assert {key: tuple(sound.get(cell, cell) for cell in cells) for key, cells in said.items()} == table


@pytest.mark.paddle
def test_the_installed_paddle_has_no_op_that_the_table_was_not_told_of():
    done = run_python(["-c", COMPARE_WITH_HEADERS])
    if "another version" in done.stderr:
        pytest.skip("the table is of another version of Paddle")
    assert done.returncode == 0, done.stderr


@pytest.mark.paddle
@pytest.mark.parametrize("api", ["reshape", "tile", "topk"])
def test_paddle_still_does_what_was_measured(api):
    done = run_python(["-m", "survey.op_arguments", api], memory=12 << 30)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith(f"{api} ") and "several" not in line][:1]
    row = next(row for row in op_arguments._table().arguments if api in row.apis and not row.form)
    assert f"'bare': '{row.bare}', 'computed': '{row.computed}'" in line


@pytest.mark.paddle
def test_paddle_still_leaks_where_it_was_found_to():
    done = run_python(["-m", "survey.paddle_leaks", "trapezoid(x)"], memory=12 << 30)
    assert done.returncode == 0, done.stderr
    assert "LEAK paddle.trapezoid(x) | height and width | wrong" in done.stdout
    assert "_trapezoid (paddle/tensor/math.py" in done.stdout
