"""ST701 of recurrent layers: lengths of the sequences that are not one for each of the batch."""

from __future__ import annotations

import pytest

from rules.leak import Leak, tensor
from shapetrace.trace import FailedCall

LENGTHS = "The size of SequenceLength has to equal the batch_size. But received batch_size is {} and the size of SequenceLength is 0."


@pytest.mark.parametrize(
    ("batch", "shape", "told"),
    [
        (-1, (), "dygraph refuses it alike; give it an axis"),
        (2, (3,), "dygraph refuses it alike; give it an axis"),
        (-1, (1,), "give as many as the batch has"),
    ],
)
def test_a_recurrent_layer_wants_one_length_for_each_of_the_batch(
    batch: int, shape: tuple[int, ...], told: str
) -> None:
    leak = Leak()
    given = (tensor(-1, -1, 8, code="x", value=leak.x), tensor(*shape, code="n"))
    call = FailedCall("paddle", "LSTM", leak.site(40, "self.lstm(x, None, n)"), arguments=given)
    (finding,) = leak.failed(LENGTHS.format(batch), call=call).found("ST701", "ST809")
    assert finding.rule == "ST701"
    printed = f"[{', '.join(map(str, shape))}]"
    assert (
        finding.message
        == f"LSTM wants one length for each of the batch of x [x[0], x[1], 8], and the lengths are n {printed}"
    )
    assert finding.notes[-1].startswith(told)


def test_another_error_of_such_a_layer_is_another_matter() -> None:
    leak = Leak()
    given = (tensor(-1, -1, 8, code="x", value=leak.x), tensor(code="n"))
    call = FailedCall("paddle", "LSTM", leak.site(40, "self.lstm(x, None, n)"), arguments=given)
    (finding,) = leak.failed("no kernel", call=call, kind="RuntimeError").found()
    assert finding.rule == "ST809"
