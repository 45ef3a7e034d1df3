"""Whether the model itself fails: a note of what ended a conversion, where nothing else explains it."""

from __future__ import annotations

import msgspec

from rules.leak import Leak
from shapetrace.rules import in_dygraph
from shapetrace.trace import DimRef, InDygraph


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


def test_a_conversion_is_not_tried_that_a_dim_explains() -> None:
    leak = Leak()
    dim = leak.computed(-8, "*", DimRef(leak.n), 8)
    leak.used("op", dim, op="reshape", argument="shape", index=0, raised=0).failed("no such thing")
    assert [finding.rule for finding in leak.found()] == ["ST101"]
    assert in_dygraph.unexplained(leak.trace, leak.found()) == []


def test_a_conversion_that_has_not_failed_is_not_tried() -> None:
    assert in_dygraph.unexplained(Leak().trace, []) == []
