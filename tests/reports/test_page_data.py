"""What the page is given of a trace."""

from __future__ import annotations

from rules.leak import FILE, Leak
from shapetrace import rules
from shapetrace.reports.html.data import pack
from shapetrace.trace import Failure, Finding, Site


def test_the_ops_of_a_finding_are_those_that_made_what_was_read_and_took_what_was_used() -> None:
    leak = Leak()
    leak.program.line = 40
    leak.program.op("pd_op.scale", (leak.x,), "S0; S1; 8")  # on the line of the finding, and no part of it
    leak.program.op("pd_op.full", (), "-1")
    leak.used("op", leak.n, op="full", argument="shape", index=0, arguments=("-1",), taker=2)
    leak.trace.findings = rules.check(leak.trace)
    (conversion,) = pack(leak.trace)["conversions"]
    names = [leak.trace.conversions[0].ops[op].name for op, finding in conversion["marks"] if finding == 0]
    assert names == ["pd_op.data", "pd_op.full"]
    assert conversion["focus"] == 2


def test_where_no_op_has_part_in_a_finding_the_last_one_at_the_failing_line_is_marked() -> None:
    leak = Leak()
    for line in (40, 41, 40, 42):
        leak.program.line, leak.program.file = line, FILE
        leak.program.op("pd_op.scale", (leak.x,), "S0; S1; 8")
    site = leak.trace.sites.index(Site(FILE, 40, function="forward"))
    leak.program.conversion.failure = Failure("ValueError", "something", (site,))
    leak.trace.findings = [Finding("ST809", "error", "something", conversion=0)]

    (conversion,) = pack(leak.trace)["conversions"]

    assert (conversion["marks"], conversion["focus"]) == ([[3, 0]], 3)
    leak.trace.findings.clear()
    (conversion,) = pack(leak.trace)["conversions"]
    assert (conversion["marks"], conversion["focus"]) == ([], -1)
