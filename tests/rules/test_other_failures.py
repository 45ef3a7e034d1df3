"""ST809: what ended a conversion, where no other rule tells of it."""

from __future__ import annotations

import pytest
from msgspec import structs

from rules.leak import Leak, tensor
from shapetrace.rules import paddle_words
from shapetrace.trace import Death, FailedCall, InDygraph, Site

LSTM = """

--------------------------------------
C++ Traceback (most recent call last):
--------------------------------------
0   paddle::pybind::eager_api_rnn(_object*, _object*, _object*)

----------------------
Error Message Summary:
----------------------
InvalidArgumentError: (InvalidArgument) The size of SequenceLength has to equal the batch_size. But received 0 and 1.
  [Hint: Expected in_dims[1] == seq_dims[0], but received in_dims[1]:1 != seq_dims[0]:0.] (at /paddle/phi/multiary.cc:4410)
"""
AGAIN = """In transformed code:

    File "/home/ann/net.py", line 12, in forward
        return self.heads[level](x)
    File "/home/ann/heads.py", line 31, in forward
        return x + self.table

    TypeError: unsupported operand type(s) for +: 'Value' and 'dict'.
"""


def test_the_innermost_line_is_told_with_what_was_called_and_paddles_sentence_once() -> None:
    leak = Leak()
    call = FailedCall(
        "paddle", "LSTM", leak.site(40, "self.lstm(x, n)"), arguments=(tensor(-1, -1, 8, code="x", value=leak.x),)
    )
    (finding,) = leak.failed(LSTM, call=call).found("ST809")
    assert finding.message == (
        "LSTM ended the conversion with `ValueError: The size of SequenceLength has to equal the batch_size. But received 0 and 1`"
    )
    assert list(finding.notes) == ["LSTM got x [x[0], x[1], 8] float32"]
    assert finding.sink is not None
    assert (finding.severity, finding.sink.line, finding.sink.op) == ("error", 40, "LSTM")


@pytest.mark.parametrize(("api", "known"), [("paddle.bitwise_and", True), ("paddle.add", False)])
def test_what_is_known_of_an_exception_of_a_function_is_told(api: str, known: bool) -> None:
    leak = Leak()
    leak.trace.paddle = "2.6.2"
    call = FailedCall("paddle", api, leak.site(40, f"{api}(x, y)"))
    (finding,) = leak.failed("", call=call, kind="AssertionError").found("ST809")
    assert (finding.fix is not None and finding.fix.says == "cast one of them: mask.astype('int64')") is known


@pytest.mark.parametrize(
    ("size", "message", "runs", "asked"),
    [
        (-1, "received alpha's size: -1. [Hint: -1 != 1]", True, True),
        (-1, "expected to be in range of [1, -1], but got 0", True, True),
        (4, "received alpha's size: -1", True, False),
        (-1, "received alpha's size: -12, or x-1", True, False),
        (-1, "received alpha's size: -1", False, False),
    ],
)
def test_a_size_that_paddle_asks_for_is_said_to_be_unknown(size: int, message: str, runs: bool, asked: bool) -> None:
    leak = Leak()
    given = (tensor(size, code="weight", value=leak.x),)
    leak.failed(message, call=FailedCall("paddle", "prelu", leak.site(40, "prelu(x, weight)"), arguments=given))
    failure = leak.program.conversion.failure
    assert failure is not None
    leak.program.conversion.failure = structs.replace(failure, in_dygraph=InDygraph(runs, "x [2, 4]", "ValueError"))

    (finding,) = leak.found("ST809")
    assert any(note.startswith("the -1 is a size that the spec leaves unknown") for note in finding.notes) is asked
    assert (finding.fix is not None) is asked


class TestDeath:
    """A process that died is told of beside the leaks of its conversion, unless one of them is at the op that it died in."""

    def died(self, how: str = "SIGABRT", *, conversion: int = 0, inside: bool = True, op: str = "stft") -> Leak:
        leak = Leak()
        call = FailedCall("paddle", op, leak.site(40, f"paddle.{op}(x)"), op, operands=(tensor(-1, 8),))
        if conversion >= 0:
            leak.failed("", call=call if inside else None, kind=how)
        stack = (leak.site(40, f"paddle.{op}(x)"),)
        leak.trace.death = Death(how, "converting", conversion, op, inside=inside, stack=stack, memory=5 << 30)
        return leak

    def test_in_an_op(self) -> None:
        (finding,) = self.died().found("ST809")
        assert finding.message == "stft ended the process with `SIGABRT`"
        assert finding.notes[0].startswith("stft got [")

    def test_after_an_op_for_want_of_memory(self) -> None:
        (finding,) = self.died("SIGKILL", inside=False).found("ST809")
        assert finding.message == "the process ended with `SIGKILL` after the op stft"
        assert "5.4 GB" in finding.notes[0]

    def test_outside_of_a_conversion(self) -> None:
        (finding,) = self.died("SIGSEGV", conversion=-1).found("ST809")
        assert finding.message == "the process ended with `SIGSEGV`, outside of any conversion"
        assert finding.sink is not None
        assert finding.sink.line == 40
        assert self.died("SIGTERM", conversion=-1).found("ST809") == []
        assert self.died("exit code 0", conversion=-1).found("ST809") == []

    @pytest.mark.parametrize(("line", "inside", "told"), [(40, True, 0), (41, True, 1), (40, False, 1)])
    def test_beside_a_leak(self, line: int, inside: bool, told: int) -> None:
        leak = self.died(inside=inside)
        leak.used("op", leak.n, line=line, op="zeros", argument="shape", index=0, arguments=("-1", "8"))
        found = leak.found("ST101", "ST103", "ST809")
        assert len([finding for finding in found if finding.rule == "ST809"]) == told, found
        assert len(found) == told + 1


def test_a_temporary_file_is_no_place_of_the_users() -> None:
    leak = Leak().failed("not found", kind="KeyError")
    temporary = leak.program.site(Site("/tmp/to_static_tmp/7/net_abc.py", 3, function="forward"))
    failure = leak.program.conversion.failure
    assert failure is not None
    leak.program.conversion.failure = type(failure)("KeyError", "not found", (*failure.stack, temporary))
    (finding,) = leak.found("ST809")
    assert finding.sink is not None
    assert (finding.sink.line, finding.message) == (40, "this line ended the conversion with `KeyError: not found`")


def test_what_ends_where_no_line_runs_is_told_at_the_function() -> None:
    leak = Leak().failed("no space left on device", kind="OSError")
    leak.program.conversion.site = leak.site(7, "def forward(self, x):", "forward")
    failure = leak.program.conversion.failure
    assert failure is not None
    leak.program.conversion.failure = type(failure)(failure.type, failure.message)
    (finding,) = leak.found("ST809")
    assert finding.sink is not None and finding.sink.line == 7
    assert (
        finding.message
        == "the conversion of Net.forward ended before or after its lines ran, with `OSError: no space left on device`"
    )


def test_another_error_of_the_conversion_explains_it() -> None:
    leak = Leak()
    leak.used("op", leak.n, op="reshape", argument="shape", operation="reshape", raised=0, arguments=("-8",))
    assert leak.failed("must not be negative").told("ST101", "ST809") == [("ST101", "error")]


def test_an_error_of_another_conversion_does_not() -> None:
    leak = Leak()
    leak.used("op", leak.n, op="reshape", argument="shape", operation="reshape", raised=0, arguments=("-8",))
    leak.trace.add(type(leak.program.conversion)("Other.forward"))
    leak.trace.conversions[1].failure = leak.failed("no").program.conversion.failure
    assert leak.told("ST101", "ST809") == [("ST101", "error"), ("ST809", "error")]


@pytest.mark.parametrize("kind", ["KeyboardInterrupt", "SystemExit"])
def test_what_somebody_wanted_to_end_is_no_finding(kind: str) -> None:
    assert Leak().failed("", kind=kind).found("ST809") == []


def test_a_piece_that_sot_gives_up_ends_nothing() -> None:
    leak = Leak().failed("no")
    leak.program.conversion.function = "compile_sir.<locals>.wrapped"
    assert leak.found("ST809") == []


def test_paddles_sentence_stands_without_what_paddle_puts_around_it() -> None:
    assert paddle_words.sentence(AGAIN) == "unsupported operand type(s) for +: 'Value' and 'dict'"
    assert paddle_words.sentence("(Unimplemented) no kernel. (at /x.cc:3)") == "no kernel"
    assert paddle_words.sentence("word " * 100).endswith("word ...")
