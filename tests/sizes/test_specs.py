"""Where a fixed batch was asked for and an unknown one arrived, or the other way round."""

from __future__ import annotations

import msgspec
import pytest

from example_traces import Program, leaky_trace
from shapetrace import Trace
from shapetrace.said import said
from shapetrace.sizes.deriving import derived
from shapetrace.trace import Root, Site

TRAINER = "/home/ann/PaddleDetection/ppdet/engine/trainer.py"


def detector(batch: int, file: str = TRAINER) -> Trace:
    """The inputs of PaddleDetection's trainer, the image with an unknown batch."""
    trace = Trace()
    program = Program(trace)
    beside = "S1" if batch < 0 else str(batch)
    values = [program.input("image", "S0; 3; 640; 640"), program.input("scale_factor", f"{beside}; 2")]
    for value in values:
        program.op("pd_op.relu", (value,), "S0; 2")
    site = program.site(Site(file, 1209))
    conversion = trace.conversions[0]
    conversion.inputs = [msgspec.structs.replace(given, site=site) for given in conversion.inputs]
    return trace


def remarks(trace: Trace, place: str) -> list[str]:
    return [str(remark) for remark in derived(trace)[0].axis(place).remarks]


def test_paddledetections_trainer_drops_the_batch() -> None:
    (remark,) = remarks(detector(1), "image[0]")
    assert remark.startswith(
        "a batch of 1 was asked for, and PaddleDetection's trainer makes that of the image unknown"
    )
    assert "export.post_process=False keeps it" in remark
    assert "    note: a batch of 1 was asked for" in derived(detector(1))[0].text()


@pytest.mark.parametrize("trace", [detector(-1), detector(1, "/home/ann/export.py")])
def test_nothing_is_said_of_a_batch_that_nobody_asked_for(trace: Trace) -> None:
    assert remarks(trace, "image[0]") == []


@pytest.mark.parametrize(("rule", "told"), [("ST905", True), ("ST501", True), ("ST902", False)])
def test_a_spec_that_was_overruled(rule: str, told: bool) -> None:
    trace = detector(-1)
    finding = leaky_trace().findings[0]
    roots = [Root(input="image", axis=0, symbol="S0")]
    message = said("you asked for {} = {}, and {} arrived", "image[0]", 1, "None")
    trace.findings = [msgspec.structs.replace(finding, rule=rule, said=message, roots=roots, conversion=0)]
    sentence = f"{rule}: you asked for image[0] = 1, and None arrived; to keep it, write it into the spec that counts"
    assert remarks(trace, "image[0]") == [sentence] * told


def test_a_program_that_is_fixed_where_the_spec_is_not() -> None:
    trace = Trace()
    program = Program(trace)
    program.op("pd_op.reshape", (program.input("x", "S0; 8"),), "4; 16")
    assert remarks(trace, "x[0]") == ["the spec leaves it unknown, and the program does not: write 8 into the spec"]
