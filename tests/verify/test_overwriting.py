"""An export that gives something else because Paddle writes over a tensor whose memory another one has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from example_traces import Program
from shapetrace import Trace, watch
from shapetrace.trace import Site
from shapetrace.verify import overwriting
from shapetrace.verify.pair import Pair
from shapetrace.verify.sizes import Spec

TOLERANCES = (None, None)


def test_the_ops_are_those_whose_operand_is_needed_elsewhere_too() -> None:
    trace = Trace()
    program = Program(trace)
    image = program.input("image", "B; 8")
    first = program.op("pd_op.sigmoid", [image], "B; 8")
    detached = program.op("pd_op.share_data_", [first], "B; 8")
    second = program.op("pd_op.exp", [first], "B; 8")
    again = program.op("pd_op.share_data_", [second], "B; 8")
    program.op("pd_op.add", [detached, again], "B; 8")

    assert [place.operands for place in overwriting.shared(trace)] == [("[image[0], 8]",)]
    program.conversion.outputs = (second,)
    assert len(overwriting.shared(trace)) == 1, "both are of no line that is known"


def test_the_line_is_one_with_a_detach() -> None:
    """Paddle keeps no stack of it: the op that takes its result may stand in a function that it was handed to."""
    trace = Trace()
    program = Program(trace)
    image = program.input("image", "B; 8")
    first = program.op("pd_op.sigmoid", [image], "B; 8")
    program.line = 0
    detached = program.op("pd_op.share_data_", [first], "B; 8")
    program.op("pd_op.clip", [detached], "B; 8")
    program.op("pd_op.exp", [first], "B; 8")
    calling = program.site(Site("/home/ann/net.py", 20, code="inverse_sigmoid(points.detach())"))
    called = program.site(Site("/home/ann/utils.py", 7, code="x.clip(min=0.0)"))
    program.conversion.ops[3] = structs.replace(program.conversion.ops[3], stack=(calling, called))

    (place,) = overwriting.shared(trace)
    assert (place.op, place.site) == ("pd_op.share_data_", trace.sites[calling])


def pair(layer: Any, loaded: Any, path: str, trace: Trace | None = None) -> Pair:
    from paddle.static import InputSpec

    loaded._input_spec = lambda: [InputSpec([-1, 8], "float32", name="x")]
    spec = [InputSpec([-1, 8], "float32", name="x")]
    return Pair(layer, loaded, path, spec, [Spec("x", ("batch", 8), "float32")], TOLERANCES, trace)


@pytest.mark.paddle
def test_a_difference_that_is_gone_where_nothing_is_written_over_is_told_with_the_line(tmp_path: Path) -> None:
    """What really comes of it is a matter of threads, so the export that is wrong is made up here."""
    import paddle
    from paddle.static import InputSpec

    class Both(paddle.nn.Layer):
        def forward(self, x: Any) -> Any:
            y = paddle.nn.functional.sigmoid(x)
            rest = 1 - y.detach()
            return rest.exp() + y * 2

    layer, path = Both(), str(tmp_path / "both")
    with watch() as trace:
        paddle.jit.save(layer, path, input_spec=[InputSpec([-1, 8], "float32", name="x")])
    added = iter([0, 0, 9, 9])
    run = pair(layer, lambda x: layer(x) + next(added), path, trace).run({"batch": 2})

    assert run.difference is not None
    assert run.difference.place.op == "pd_op.share_data_"
    site = run.difference.place.site
    assert site is not None and "y.detach()" in site.code
    assert "with FLAGS_pir_apply_inplace_pass=0 it gives what the model gives" in run.difference.message
    assert paddle.get_flags([overwriting.FLAG])[overwriting.FLAG]


@pytest.mark.paddle
def test_a_model_that_differs_from_itself_is_not_compared(tmp_path: Path) -> None:
    import paddle

    class Rolling(paddle.nn.Layer):
        def forward(self, x: Any) -> Any:
            return x + paddle.rand([8]) * 100

    layer = Rolling()
    run = pair(layer, lambda x: layer(x), str(tmp_path / "none")).run({"batch": 2})
    assert run.difference is None
    assert str(run.undecided) == "the model itself gives something else when it is run twice with the same inputs"
