"""ST809: what ended a conversion, where no other rule tells of it."""

from __future__ import annotations

import pytest

from rules.leak import Leak, tensor
from shapetrace.rules import paddle_words
from shapetrace.trace import FailedCall, Site

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
    leak = Leak().failed("source code not available", kind="OSError")
    leak.program.conversion.site = leak.site(7, "def forward(self, x):", "forward")
    failure = leak.program.conversion.failure
    assert failure is not None
    leak.program.conversion.failure = type(failure)(failure.type, failure.message)
    (finding,) = leak.found("ST809")
    assert finding.sink is not None and finding.sink.line == 7
    assert (
        finding.message
        == "the conversion of Net.forward ended before or after its lines ran, with `OSError: source code not available`"
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
