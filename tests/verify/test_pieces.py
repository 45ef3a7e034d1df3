"""Pieces of an exported program, with an executor that stands for Paddle's."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

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
