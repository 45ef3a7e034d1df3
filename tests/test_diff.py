"""Two traces compared: what a repair, or another version of Paddle, changed."""

from __future__ import annotations

import shapetrace.diff
from shapetrace.reports.translations import catalog
from tests.example_traces import healthy_trace, leaky_trace


def test_a_trace_does_not_differ_from_itself() -> None:
    found = shapetrace.diff.diff(leaky_trace(), leaky_trace())
    assert found.empty
    assert shapetrace.diff.text(found).startswith("no differences")


def test_a_repair_takes_the_finding_away() -> None:
    repaired = leaky_trace()
    repaired.findings.clear()
    repaired.conversions[0].failure = None
    found = shapetrace.diff.diff(leaky_trace(), repaired)
    assert [finding.rule for finding in found.findings_gone] == ["ST101"]
    assert found.outcomes == (("Detector.forward", "AssertionError", "passes"),)
    assert "- ST101 reshape got shape[0] = -8" in shapetrace.diff.text(found)
    assert [finding.rule for finding in shapetrace.diff.diff(repaired, leaky_trace()).findings_new] == ["ST101"]


def test_a_dim_that_became_constant_shows_at_its_op() -> None:
    baked = healthy_trace(blocks=1)
    conversion = baked.conversions[0]
    number = next(
        index for index, value in enumerate(conversion.values) if conversion.ops[value.op].name == "pd_op.add"
    )
    conversion.expressions.append("1")
    dims = conversion.values[number].dims
    assert dims is not None
    conversion.values[number].dims = (len(conversion.expressions) - 1, *dims[1:])
    (change,) = shapetrace.diff.diff(healthy_trace(blocks=1), baked).shapes
    assert (change.place.op, change.before, change.after) == ("pd_op.add", "[image[0], 400, 256]", "[1, 400, 256]")


def test_ops_are_counted_by_layer() -> None:
    found = shapetrace.diff.diff(healthy_trace(blocks=1), healthy_trace(blocks=2))
    assert ("/Detector/Decoder/DecoderLayer_1/Norm/", "pd_op.add", 1) in found.ops_added
    assert not found.ops_removed


def test_a_diff_can_be_told_in_another_language() -> None:
    repaired = leaky_trace()
    repaired.findings = []
    found = shapetrace.diff.diff(leaky_trace(), repaired)

    assert shapetrace.diff.text(found, catalog("zh").say).startswith("诊断：1\n  - ST101 reshape 得到 shape[0] = -8，")
    assert shapetrace.diff.text(shapetrace.diff.Diff(), catalog("zh").say) == "没有差别：诊断、算子和符号形状都相同\n"
