"""ST807: source that Paddle cannot read, take apart or write again, and ops of before PIR."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from rules.leak import Leak
from rules.watched import only_finding, watched
from shapetrace.facts.unconvertible import why
from shapetrace.trace import Failure, Finding, Site

NONLOCAL = "no binding for nonlocal 'seen' found ({}a1b2c3_d.py, line 17)"
SOURCE = """\
class Net:
    def forward(self, x):
        global seen
        if x.shape[0] > 2:
            seen = seen + 1
        return self.inner(x)

    def inner(self, x):
        global seen
        while x.sum() > 2:
            seen = seen + 1
        return x
"""


def _found(kind: str, message: str, *stack: Site, defined: Site | None = None) -> list[Finding]:
    leak = Leak()
    conversion = leak.program.conversion
    conversion.site = leak.program.site(defined) if defined is not None else -1
    conversion.failure = Failure(kind, message, tuple(map(leak.program.site, stack)))
    return leak.found()


@pytest.fixture
def net(tmp_path: Path) -> str:
    path = tmp_path / "net.py"
    path.write_text(textwrap.dedent(SOURCE))
    return str(path)


def test_a_global_in_a_branch_is_told_at_its_statement(net: str) -> None:
    defined = Site(net, 2, 4, 2, 25, "def forward(self, x):", "forward")
    (finding,) = _found("SyntaxError", NONLOCAL.format("Net_forward"), defined=defined)
    assert (finding.rule, finding.severity) == ("ST807", "error")
    assert finding.message == (
        "Paddle cannot convert Net.forward: a converted `if` or loop in it assigns `seen`, which is no local variable"
    )
    assert finding.sink is not None and (finding.sink.line, finding.sink.code) == (3, "global seen")


def test_of_a_function_whose_place_is_not_known_no_statement_is_told(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text("def forward(x):\n    global seen\n    seen = x\n")
    at, other = (
        Site(str(path), 3, 4, 3, 12, "seen = x", "forward"),
        Site("/home/ann/other.py", 1, 0, 1, 9, "def call(x):"),
    )
    for defined in (None, other):
        (finding,) = _found("SyntaxError", NONLOCAL.format(""), at, defined=defined)
        assert finding.sink is not None and finding.sink.line == 3


def test_the_method_that_was_called_is_named_and_not_the_one_that_calls(net: str) -> None:
    called = Site(net, 6, 15, 6, 28, "self.inner(x)", "forward")
    (finding,) = _found("SyntaxError", NONLOCAL.format("Net_inner"), called)
    assert finding.message.startswith("Paddle cannot convert Net.inner:")
    assert finding.sink is not None and finding.sink.line == 9


def test_a_function_without_source_is_named() -> None:
    (finding,) = _found("OSError", "could not get source code", defined=Site("<string>", 7))
    assert (finding.rule, finding.message) == (
        "ST807",
        "Paddle cannot read the source of Net.forward: it stands in no file",
    )
    assert finding.fix is not None and finding.fix.says.startswith("write the function to a file")


def test_a_line_of_the_users_that_reads_source_is_another_exception() -> None:
    (finding,) = _found("OSError", "could not get source code", Site("/home/ann/net.py", 12, function="forward"))
    assert finding.rule == "ST809"


def test_an_op_of_before_pir_is_told_with_its_name_and_the_flag() -> None:
    message = "The type of '%X' in operator relu should be one of [str, bytes, Variable]. but received : Value(define_op_name=pd_op.data)"
    (finding,) = _found(
        "TypeError", message, Site("/home/ann/net.py", 12, 4, 12, 30, "helper.append_op(...)", "forward")
    )
    assert (finding.rule, finding.sink and finding.sink.op) == ("ST807", "relu")
    assert finding.message == (
        "Net.forward builds relu in the way of before Paddle 3: a program of PIR does not take it"
    )
    assert finding.fix is not None and "FLAGS_enable_pir_api=0" in finding.fix.says


def test_syntax_that_paddle_does_not_know() -> None:
    (finding,) = _found("AttributeError", "No defined handler for node of type NoneType")
    assert finding.message == "Paddle cannot take Net.forward apart: it has syntax that this version does not know"


@pytest.mark.parametrize(
    ("kind", "message", "expected"),
    [
        (
            "TypeError",
            "The type of 'function' should be a function or method, but received builtin_function_or_method",
            "no Python function",
        ),
        ("AttributeError", "No defined handler for node of type NoneType", "syntax"),
        ("NameError", "name '__return_11' is not defined", "generated"),
        ("RuntimeError", "super(): __class__ cell not found", "super"),
        ("AttributeError", "'paddle.base.libpaddle.pir.Block' object has no attribute 'create_var'", "before PIR"),
        ("NameError", "name 'width' is not defined", None),
        ("AttributeError", "'paddle.base.libpaddle.pir.Value' object has no attribute 'create_var'", None),
        ("SyntaxError", "invalid syntax", None),
    ],
)
def test_the_message_says_which_it_is(kind: str, message: str, expected: str | None) -> None:
    found = why(kind, message)
    assert (found.kind if found else None) == expected


@pytest.mark.paddle
def test_a_global_in_a_converted_branch() -> None:
    finding = only_finding("st807_global_in_a_branch")
    assert (finding["rule"], finding["sink"]["code"]) == ("ST807", "global seen")
    assert finding["message"].startswith("Paddle cannot convert Counting.forward: ")


@pytest.mark.paddle
def test_the_healthy_twin_has_no_finding() -> None:
    assert watched("st807_global_in_a_branch", "healthy") == {"raised": None, "findings": [], "notes": []}


def test_a_function_of_exec_that_asks_a_tensor_is_named_at_the_line_that_calls_it(net: str) -> None:
    called = Site(net, 6, 15, 6, 28, "self.inner(x)", "forward")
    message = "bool(Tensor) is not supported in static graph mode."
    (finding,) = _found("TypeError", message, called, Site("<string>", 3, 0, 3, 0, "", "act"))
    assert (finding.rule, finding.message) == ("ST807", "Paddle cannot read the source of act: it stands in no file")
    assert finding.sink is not None and (finding.sink.file, finding.sink.line) == (net, 6)
    assert finding.notes[1].endswith(f"`TypeError: {message.rstrip('.')}`")


def test_a_function_of_exec_that_fails_for_its_own_reasons_is_not_to_blame_for_its_source(net: str) -> None:
    called = Site(net, 6, 15, 6, 28, "self.inner(x)", "forward")
    (finding,) = _found("KeyError", "'mode'", called, Site("<string>", 3, 0, 3, 0, "", "act"))
    assert finding.rule == "ST809"
    assert finding.sink is not None and finding.sink.line == 6
