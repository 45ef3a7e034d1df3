"""Pieces of an exported program, with an executor that stands for Paddle's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shapetrace.verify import pieces as cutting
from shapetrace.verify.pieces import Pieces


def test_a_piece_is_fed_though_one_before_it_took_no_input() -> None:
    """Paddle's executor takes out of what it is fed the inputs that the program does not have."""
    fed: list[list[str]] = []

    def run(program: Any, feed: dict[str, int], fetch_list: Sequence[Any], return_numpy: bool) -> list[Any]:
        fed.append(sorted(feed))
        feed.clear()
        return []

    program = SimpleNamespace(global_block=lambda: SimpleNamespace(ops=[]))
    program.clone = lambda: program
    pieces = Pieces(program, SimpleNamespace(run=run), {"image": 1, "im_shape": 2})
    pieces.run(0)
    pieces.run(0, feed={"image": 3, "im_shape": 4, "other": 5})
    pieces.run(0)
    assert fed == [["im_shape", "image"]] * 3


@pytest.mark.paddle
def test_results_that_are_large_are_not_fetched_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an axis of unknown size comes to is known only when the program runs."""
    import numpy
    import paddle
    from paddle.static import InputSpec

    class Net(paddle.nn.Layer):
        def forward(self, x: Any) -> Any:
            return paddle.tile(paddle.exp(x), [1, 9]).sqrt().sum(), paddle.full([5], 2.0)

    paddle.jit.save(Net(), str(tmp_path / "net"), input_spec=[InputSpec([-1, 2], "float32", name="x")])
    monkeypatch.setattr(cutting, "_NUMBERS", 100)
    with cutting.opened(str(tmp_path / "net"), {"x": numpy.zeros((5, 2), "float32")}) as pieces:
        first = {name: index for index, (name, _) in reversed(list(enumerate(pieces.named)))}
        slots = [(first[f"pd_op.{name}"], 0) for name in ("sum", "sqrt", "tile", "exp")]
        exp, tile, sqrt, total = reversed(slots)
        assert list(pieces.portions(slots)) == [[exp, tile], [sqrt, total]]
        assert [each.size for each in pieces.run(sqrt[0], [exp, tile])] == [10, 90]
