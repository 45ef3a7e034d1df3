"""ST802, ST803: a tensor that is made in a converted statement, is not handed on by it, and is used after it."""

from __future__ import annotations

import pytest

from rules.flows import NONE, Flows, tensor
from rules.leak import FILE
from shapetrace.trace import Death, Failure, Finding, Request, State

LOOP = "for i in range(n)"
HEAD, BODY, AFTER = 10, 11, 14


class Loop(Flows):
    """A loop over `x.shape[0]` in line 10, in whose block line 11 makes a tensor of [8]."""

    def __init__(self) -> None:
        super().__init__()
        self.program.file, self.program.line = FILE, AFTER
        self.length = self.dim()
        self.block = self.into("pd_op.while")
        self.made = self.inside(BODY)

    def into(self, name: str) -> int:
        """Begin the block of a statement."""
        self.program.line = 0  # Paddle keeps no line of it
        self.handed_on = self.program.op(name, [self.x], "8")
        self.program.line = AFTER
        self.program.parent = len(self.program.conversion.ops) - 1
        return self.program.parent

    def inside(self, line: int, *lines: int) -> int:
        """An op in the block: the statement's head is among the lines that are running."""
        value = self.program.op("pd_op.scale", [self.x], "8")
        stack = (self.site(HEAD, LOOP, "forward"), *(self.site(each, "...", "forward") for each in lines))
        self.program.conversion.ops[-1].stack = (*stack, self.site(line, "best = self.fc(x[i])", "forward"))
        return value

    def used(self, value: int) -> Loop:  # type: ignore[override]
        """Use a value after the statement."""
        self.program.parent = -1
        self.program.op("pd_op.add", [self.x, value], "8")
        return self

    def named(self, *variables: object, **fields: object) -> list[Finding]:
        """What is found where the statement has these variables."""
        self.flow(LOOP, *variables, ended="", data=False, dims=(self.length,), **fields)  # type: ignore[arg-type]
        return self.found()

    def best(self, line: int = BODY, before: State = NONE) -> object:
        return self.variable("best", before, tensor(8), line=line)


def test_what_was_none_before_a_loop_is_named_with_the_loop_and_its_dim() -> None:
    loop = Loop()
    (finding,) = loop.used(loop.made).named(loop.best())
    assert (finding.rule, finding.severity, finding.expression) == ("ST802", "error", "best")
    assert finding.message == f"`best` is None before `{LOOP}`, and a tensor in it that is used after it"
    assert finding.sink is not None and finding.sink.line == HEAD
    assert [step.site.line for step in finding.chain if step.site is not None] == [BODY, AFTER]
    assert [root.symbol for root in finding.roots] == ["x[0]"]
    assert finding.notes[1].startswith("`i in range(n)` goes by `x[0]`, which is known only when the program runs")
    assert finding.fix is not None and finding.fix.says.startswith(f"give `best` a tensor before `{LOOP}`")


def test_a_result_of_the_program_is_used_after_the_loop() -> None:
    loop = Loop()
    loop.program.conversion.outputs = (loop.made,)
    (finding,) = loop.named(loop.best())
    assert (finding.rule, finding.expression) == ("ST802", "best")


def test_a_variable_that_is_assigned_in_another_line_is_known_by_what_it_is() -> None:
    loop = Loop()
    other = loop.variable("mask", NONE, tensor(8, 8, dtype="bool"), line=BODY + 1)
    (finding,) = loop.used(loop.made).named(other, loop.best(line=BODY + 2))
    assert finding.expression == "best"


@pytest.mark.parametrize("code", ["outs.extend([x[i], y])", "outs.insert(0, x[i])"])
def test_what_python_puts_into_a_list_is_told_at_its_line(code: str) -> None:
    loop = Loop()
    grows = (loop.site(BODY, code, "forward"),)
    (finding,) = loop.used(loop.made).named(grows=grows)
    assert (finding.rule, finding.expression) == ("ST803", "outs")
    assert finding.message == f"`{code}` puts tensors of `{LOOP}` into a list, and they are used after it"
    assert finding.sink is not None and finding.sink.line == BODY
    assert finding.fix is not None and "`outs.append(...)`" in finding.fix.says


def test_two_ways_to_keep_a_tensor_are_told_each() -> None:
    loop = Loop()
    kept = loop.inside(BODY + 1)
    grows = (loop.site(BODY + 1, "outs.extend([y])", "forward"),)
    found = loop.used(loop.made).used(kept).named(loop.best(), grows=grows)
    assert [finding.rule for finding in found] == ["ST802", "ST803"]


def test_what_nobody_is_known_to_keep_is_told_by_the_line_that_makes_it() -> None:
    loop = Loop()
    (finding,) = loop.used(loop.made).named(loop.best(before=tensor(8)))
    assert (finding.rule, finding.message) == (
        "ST802",
        f"`best = self.fc(x[i])` is made in `{LOOP}`, and used after it",
    )


def test_what_a_loop_hands_on_is_there_after_it() -> None:
    loop = Loop()
    assert loop.used(loop.handed_on).named(loop.best()) == []


def test_what_stays_in_the_loop_is_no_matter() -> None:
    loop = Loop()
    loop.program.op("pd_op.add", [loop.made, loop.made], "8")
    loop.into("pd_op.if")
    loop.program.op("pd_op.add", [loop.made, loop.made], "8")
    assert loop.named(loop.best()) == []


def test_of_two_statements_that_are_left_it_is_the_outer_one() -> None:
    loop = Loop()
    loop.into("pd_op.if")
    inner = loop.inside(BODY + 1, BODY)
    loop.flow("if flag", line=BODY, ended="")
    (finding,) = loop.used(inner).named(loop.best(line=BODY + 1))
    assert (finding.expression, finding.sink.line if finding.sink else 0) == ("best", HEAD)


def test_the_last_resort_has_nothing_to_add_of_a_save_or_an_end_that_came_of_it() -> None:
    loop = Loop()
    unsaved = Failure("ValueError", "The feed_var create by: 'pd_op.data' is not involved")
    loop.trace.requests.append(Request("Net.forward", saves=True, conversion=0, unsaved=unsaved))
    loop.trace.death = Death("SIGABRT", "watching", stack=(loop.site(50, "paddle.jit.save(m)", "main"),))
    assert [finding.rule for finding in loop.used(loop.made).named(loop.best())] == ["ST802"]


@pytest.mark.parametrize("how", ["SIGABRT", "SIGSEGV"])
def test_another_end_of_the_process_is_told(how: str) -> None:
    loop = Loop()
    loop.trace.death = Death(how, "watching", stack=(loop.site(50, "paddle.jit.save(m)", "main"),))
    loop.used(loop.made if how == "SIGSEGV" else loop.handed_on)
    assert "ST809" in [finding.rule for finding in loop.named(loop.best())]
