"""What older Paddles do in another way than 3.3, so that tests of it have nothing to test there.

`UNLIKE` is the one place: a test that it names is skipped on these versions with its reason, and nothing that is asserted on 3.3
is asserted more weakly. `SHAPETRACE_RUN_UNLIKE=1` runs them all the same, and then one that passes is a failure.
"""

from __future__ import annotations

import importlib.metadata
import os
from typing import NamedTuple

import pytest


def installed() -> str:
    """The version of the installed Paddle; empty without one."""
    for name in ("paddlepaddle", "paddlepaddle-gpu"):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return ""


PADDLE = installed()
LEGACY = PADDLE.startswith("2.")
"""Whether it builds the programs of Paddle 2."""


class Unlike(NamedTuple):
    """Something that some versions do in another way."""

    versions: tuple[str, ...]
    """How their numbers begin."""
    tests: tuple[str, ...]
    """The tests that do not hold there: file and function."""
    reason: str
    cases: tuple[str, ...] = ()
    """The parameters for which they do not, models without their packages; all of them if empty."""


TWO = ("2.6.",)
BEFORE_3_1 = (*TWO, "3.0.")
BEFORE_3_2 = (*BEFORE_3_1, "3.1.")
BEFORE_3_3 = (*BEFORE_3_2, "3.2.")

FOUND = "test_findings.py::test_a_broken_model_is_found_out"
CAUSE = "test_findings.py::test_the_cause_is_named"
TWIN_ALONE = "test_findings.py::test_its_healthy_twin_is_left_alone"
FAILS = "test_models.py::test_broken_twin_is_refused_or_differs"
TWIN_EQUAL = "test_models.py::test_healthy_twin_exports_and_equals_itself"
REPORTED = "test_reported.py::test_broken_model_fails_and_healthy_twin_equals_dygraph"
REPAIRED = "remedies/test_repairs.py::test_the_table_says_what_is_measured"
TOLD = "remedies/test_repairs.py::test_what_is_not_repaired_is_reported"
HEALED = "remedies/test_symbolic_dims.py::test_every_way_in_is_healed_and_equals_dygraph_at_every_size"
FIXED = "fix/test_every_fix.py::test_what_a_machine_may_apply_is_right"
MOSTLY_FIXED = "fix/test_every_fix.py::test_most_leaks_have_a_fix_for_a_machine"
SPELLED = "rules/test_spellings_of_values.py::test_each_spelling_is_told_at_its_line_with_its_tensor"
NAMED = "remedies/test_repairs.py::test_no_remedy_is_named_that_repairs_nothing"
MEASURED = "facts/test_op_arguments.py::test_paddle_still_does_what_was_measured"
REFUSED = "rules/test_tensor_dims.py::test_what_python_refuses_is_named_with_its_dim_and_what_to_write"
MISFIT = "rules/test_misfits.py::test_the_finding_says_what_clashes_with_what"

UNLIKE = (
    Unlike(
        TWO,
        (FOUND, FAILS, TOLD),
        "Paddle 2.6 goes on with a placeholder that is a tensor where one side of an `if` gives None: the export goes through, and is wrong",
        ("st802_mask_on_one_side",),
    ),
    Unlike(
        TWO,
        (FOUND, FAILS, TOLD),
        "Paddle 2.6 puts a list of tensors into an array of tensors: the export goes through, and every run of it fails",
        ("st803_list_of_lists_in_a_loop",),
    ),
    Unlike(
        TWO,
        (FOUND, FAILS, TOLD),
        "Paddle 2.6 goes on with a placeholder that is a tensor where a variable is None before a loop: the export goes through, and is wrong",
        ("st802_none_before_a_loop",),
    ),
    Unlike(
        TWO,
        (FOUND, TOLD),
        "a variable keeps the dtype that it has before a loop: the export runs, gives another result, and the program shows no difference",
        ("st802_sum_from_an_int",),
    ),
    Unlike(
        TWO,
        (FOUND, FAILS, REPAIRED),
        "the sides of an `if` may differ in rank: the export goes through and is right",
        ("st802_sides_of_two_ranks",),
    ),
    Unlike(
        TWO,
        (FOUND, FAILS, REPAIRED, MISFIT),
        "Paddle 2.6 takes the first number of a tensor that stands for a size: the export goes through and is right",
        ("st703_shape_for_a_size",),
    ),
    Unlike(
        TWO,
        (SPELLED,),
        "Python asks no tensor of Paddle 2.6 for its value: a text has its description, and each is true",
        ("formatted", "chosen"),
    ),
    Unlike(
        ("3.0.",),
        (SPELLED,),
        "Paddle 3.0 has no `tolist` in a conversion, so that it ends there and not at `len`",
        ("listed",),
    ),
    Unlike(
        BEFORE_3_1,
        (FOUND, CAUSE, FAILS, REPAIRED, NAMED),
        "`cosine_similarity` does not divide by the size that it sums along: the export goes through and is right",
        ("cosine_similarity_with_the_mean",),
    ),
    Unlike(
        TWO,
        (FOUND, FAILS, REPAIRED),
        "a slice between numbers beside an index that is a tensor is inferred rightly: the export goes through and is right",
        ("index_before_slice",),
    ),
    Unlike(
        BEFORE_3_3,
        (FOUND, FAILS, REPAIRED, MISFIT),
        "`matmul` accepts widths that do not fit where another dim is unknown, so the export goes through and is right",
        ("st701_layer_of_another_width", "st701_product_with_a_table"),
    ),
    Unlike(
        BEFORE_3_3,
        ("rules/test_misfits.py::test_dims_of_the_input_spec_and_of_weights_are_called_so",),
        "`matmul` accepts the widths of st701_layer_of_another_width, whose finding the test looks at",
    ),
    Unlike(
        BEFORE_3_3,
        ("facts/test_op_arguments.py::test_paddle_still_leaks_where_it_was_found_to",),
        "the survey of leaks listens to `paddle.Size`, which came with 3.3",
    ),
    Unlike(
        BEFORE_3_3,
        (TWIN_EQUAL, REPAIRED, TOLD, NAMED),
        "the rewritten division differs from dygraph in the last bit, by 3e-8",
        ("to_float", "st804_root_by_python"),
    ),
    Unlike(
        ("3.0.", "3.1.", "3.2."),
        (TWIN_EQUAL,),
        "the rewritten division differs from dygraph in the last bit, by 2e-9",
        ("kl_div_of_the_batch",),
    ),
    Unlike(
        ("3.1.", "3.2."),
        ("plugins/test_rtdetrv2_ways.py::test_the_export_equals_dygraph",),
        "indexing in dygraph gives other values than on 3.3: the discrete sampling differs by 1.5, with a known batch and unwatched too",
        (
            *(
                f"to_static_then_save {remedy} discrete"
                for remedy in ("rtdetrv2", "callables", "symbolic-dims", "auto")
            ),
            "plugin_apply rtdetrv2 discrete",
        ),
    ),
    Unlike(
        BEFORE_3_2,
        (REPORTED, TWIN_ALONE),
        "`pad` does not take the tensors that `x.shape` holds in rewritten code: the twin is refused",
        ("paddle_52392_pad_by_a_dim", "paddle_53759_pad_to_a_multiple"),
    ),
    Unlike(
        BEFORE_3_2,
        (REPORTED, TWIN_ALONE),
        "`transpose(1, 2)` is refused, as it was reported",
        ("paddleseg_3672_transpose_two_axes",),
    ),
    Unlike(
        TWO,
        (
            "verify/test_pieces.py::test_results_that_are_large_are_not_fetched_together",
            "verify/test_overwriting.py::test_a_difference_that_is_gone_where_nothing_is_written_over_is_told_with_the_line",
        ),
        "the op of a difference is looked for in programs of PIR alone",
    ),
    Unlike(
        TWO,
        ("cli/test_deaths.py::test_in_an_op_of_paddles",),
        "`unbind` of an unknown axis raises an IndexError, and does not end the process",
    ),
    Unlike(
        TWO,
        (FOUND, FAILS, REPORTED, REFUSED),
        "a tensor of a program is true in Python: the comparison decides by accident and nothing is refused",
        ("max_of_tensor", "st601_membership", "paddlemix_689_check_of_a_shape"),
    ),
    Unlike(
        TWO,
        (
            FOUND,
            FAILS,
        ),
        "a tensor of a program is true in Python: the comparison decides by accident, which is ST602, and the export is wrong",
        ("st601_min_in_a_loop",),
    ),
    Unlike(
        TWO,
        (FOUND, CAUSE, REPAIRED, TOLD, "plugins/test_callables.py::test_it_repairs_the_models_of_its_causes"),
        "Paddle ends the conversion with a NameError: it looks for the function that the decorator hides",
        ("decorator_without_wraps", "paddle_35037_two_dims_to_infer"),
    ),
    Unlike(
        ("3.0.", "3.1."),
        ("plugins/test_callables.py::test_it_converts",),
        "rewritten code loses the defaults of keyword-only arguments",
        ("wrapped_by_hand",),
    ),
    Unlike(
        BEFORE_3_2,
        (HEALED,),
        "`reshape` refuses loose numbers outside of rewritten code",
        ("loose_numbers",),
    ),
    Unlike(
        ("3.1.", "3.2."),
        ("plugins/test_rtdetrv2_attention.py::test_dygraph_gives_the_same_bits",),
        "the unrepaired function gives other values for discrete sampling than on 3.3; the repaired one gives those of 3.3",
    ),
    Unlike(
        TWO,
        (TOLD,),
        "`concat` refuses two dtypes in dygraph as well, which the test runs first",
        ("st806_picture_and_labels",),
    ),
    Unlike(
        TWO,
        (FAILS,),
        "`transpose` refuses a perm of the wrong length, which 3.x exports in silence: ST702 tells of either",
        ("st702_transpose_of_too_few_axes",),
    ),
    Unlike(
        TWO,
        (FAILS, MEASURED),
        "`tile` refuses a repeat of -1, which 3.x exports in silence",
        ("bare_to_tile", "tile"),
    ),
    Unlike(
        TWO,
        (REPORTED,),
        "`tile`, which `istft` uses, refuses a repeat of -1, which 3.x exports in silence",
        ("paddle_41748_istft_of_unknown_length",),
    ),
    Unlike(
        TWO,
        (REPORTED, TWIN_ALONE),
        "`broadcast_to` does not take the tensors that `x.shape` holds in rewritten code: the twin is refused",
        ("paddle_60780_broadcast_to_product",),
    ),
    Unlike(
        BEFORE_3_2,
        (MOSTLY_FIXED,),
        "`pad`, `broadcast_to` and `to_tensor` take no tensor for a number, so what would have them do so is for a person",
    ),
    Unlike(
        TWO,
        (FIXED,),
        "`greater_than` refuses a tensor without elements, which the fixed model has at one size",
        ("paddle_38224_no_detections",),
    ),
    Unlike(
        TWO,
        (FIXED,),
        "a conditional expression of a dim and a number is int64 in one branch and int32 in the other, which its export refuses to cast",
        ("st602_or_of_a_remainder",),
    ),
    Unlike(
        TWO,
        (REPORTED,),
        "the twin fails as well: an empty tensor cannot be run, `reshape` takes no loose numbers, `to_tensor` takes no tensors",
        ("paddle_38224_no_detections", "paddle_47528_shape_as_loose_numbers", "paddleseg_3669_to_tensor_of_dims"),
    ),
    Unlike(
        TWO,
        (FOUND,),
        "`unbind` raises where 3.x ends the process, and ST809 tells of that",
        ("paddle_57771_unbind_the_batch",),
    ),
    Unlike(
        BEFORE_3_2,
        (TWIN_ALONE,),
        "`reshape` takes no loose numbers: the twin is refused",
        ("paddle_47528_shape_as_loose_numbers",),
    ),
    Unlike(
        TWO,
        (TWIN_ALONE,),
        "`to_tensor` takes no tensors: the twin is refused",
        ("paddleseg_3669_to_tensor_of_dims",),
    ),
    Unlike(
        ("3.0.", "3.1."),
        ("facts/test_free_ops.py::test_they_are_ops_of_paddles",),
        "`median` became an op with 3.2",
    ),
    Unlike(
        TWO,
        ("test_ways_in.py::test_an_export_to_onnx_is_explained",),
        "paddle2onnx 2 refuses to be imported beside Paddle 2",
    ),
    Unlike(
        TWO,
        ("test_how_to.py::test_commands_print_what_the_page_says",),
        "`verify` does not look for the op, which the page quotes",
        ("verify.md",),
    ),
    Unlike(
        TWO,
        (FOUND, CAUSE, TWIN_EQUAL, REPAIRED, TOLD, NAMED),
        "`kl_div` asks `paddle.shape` for the batch, and the division by it differs in the last bit",
        ("kl_div_of_the_batch",),
    ),
    Unlike(
        TWO,
        (FAILS,),
        "`reshape` refuses a -1 beside a tensor",
        ("two_to_infer_beside_a_tensor",),
    ),
    Unlike(
        TWO,
        ("test_watch.py::test_the_process_is_as_before",),
        "other attributes are patched, which capture/test_legacy.py looks at",
    ),
)


def unlike(nodeid: str, paddle: str = PADDLE) -> str:
    """Why a test does not hold on a version of Paddle; empty if it does."""
    function, _, case = nodeid.removeprefix("tests/").partition("[")
    case = case.removesuffix("]")
    cases = {case, case.rpartition(".")[2]}
    for entry in UNLIKE:
        named = paddle.startswith(entry.versions) and function in entry.tests
        if named and (not entry.cases or cases.intersection(entry.cases)):
            return f"Paddle {paddle}: {entry.reason}"
    return ""


def mark(item: pytest.Item) -> None:
    """Skip a test that does not hold on the installed Paddle."""
    if reason := unlike(item.nodeid):
        if os.environ.get("SHAPETRACE_RUN_UNLIKE"):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
        else:
            item.add_marker(pytest.mark.skip(reason=reason))
