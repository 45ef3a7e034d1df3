"""Whether the model itself fails: a note of what ended a conversion, where nothing else explains it."""

from __future__ import annotations

import msgspec
import pytest

from rules.leak import Leak, number, tensor
from shapetrace.rules import in_dygraph
from shapetrace.trace import DimRef, FailedCall, InDygraph


def _tried(tried: InDygraph | None) -> list[str]:
    leak = Leak().failed("no such thing")
    failure = leak.program.conversion.failure
    assert failure is not None
    leak.program.conversion.failure = msgspec.structs.replace(failure, in_dygraph=tried)
    (finding,) = leak.found("ST809")
    return list(finding.notes)


def test_a_model_that_runs_is_said_to() -> None:
    assert _tried(InDygraph(True, "x [2, 4]")) == ["the model itself runs in dygraph, with x [2, 4]"]


def test_a_model_that_fails_alike_is_told_with_its_exception() -> None:
    failed = InDygraph(False, "x [2, 4]", "KeyError: 'head'")
    assert _tried(failed) == ["the model itself fails at this line in dygraph, with x [2, 4]: `KeyError: 'head'`"]


def test_nothing_is_said_of_what_has_not_been_tried() -> None:
    assert _tried(None) == []


def test_a_conversion_is_tried_that_only_an_exception_is_told_of() -> None:
    leak = Leak().failed("no such thing")
    assert in_dygraph.unexplained(leak.trace, leak.found()) == [0]


def _misfit() -> Leak:
    leak = Leak()
    call = FailedCall("paddle", "sum", leak.site(40, "use(n)"), "", (tensor(4, 8), number(2, "axis")))
    return leak.failed("(InvalidArgument) The axis is beyond the rank.", call=call)


def test_a_conversion_is_tried_in_which_shapes_do_not_fit() -> None:
    leak = _misfit()
    assert [finding.rule for finding in leak.found()] == ["ST702"]
    assert in_dygraph.unexplained(leak.trace, leak.found()) == [0]


@pytest.mark.parametrize(("line", "notes"), [(40, ["the model itself runs in dygraph, with x [2, 4]"]), (41, [])])
def test_what_does_not_fit_has_the_note_at_the_line_of_the_failure(line: int, notes: list[str]) -> None:
    leak = _misfit()
    failure = leak.program.conversion.failure
    assert failure is not None
    leak.program.conversion.failure = msgspec.structs.replace(
        failure, stack=(leak.site(line, "use(n)"),), in_dygraph=InDygraph(True, "x [2, 4]")
    )
    (finding,) = leak.found("ST702")
    assert list(finding.notes) == notes


def test_a_conversion_is_not_tried_that_a_dim_explains() -> None:
    leak = Leak()
    dim = leak.computed(-8, "*", DimRef(leak.n), 8)
    leak.used("op", dim, op="reshape", argument="shape", index=0, raised=0).failed("no such thing")
    assert [finding.rule for finding in leak.found()] == ["ST101"]
    assert in_dygraph.unexplained(leak.trace, leak.found()) == []


def test_a_conversion_that_has_not_failed_is_not_tried() -> None:
    assert in_dygraph.unexplained(Leak().trace, []) == []
