"""What is packed is unpacked, with either codec, and never beyond a bound."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from shapetrace.trace import packing

CONTENT = b"shape" * 100_000


@pytest.fixture(params=["2.6.2", "3.3.1"])
def paddle(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The version of Paddle that is imported in this process."""
    version: str = request.param
    monkeypatch.setitem(packing.sys.modules, "paddle", SimpleNamespace(__version__=version))
    return version


def test_there_and_back(paddle: str) -> None:
    assert packing.unpacked(packing.packed(CONTENT), len(CONTENT)) == CONTENT


def test_paddle_2_has_another_codec(paddle: str) -> None:
    assert packing.packed(CONTENT).startswith(b"BZh") == (paddle == "2.6.2")


@pytest.mark.parametrize("harm", [lambda packed: packed[:-5], lambda packed: packed[:9] + b"????" + packed[13:]])
def test_damage_is_told(paddle: str, harm: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ValueError, match=r"."):
        packing.unpacked(harm(packing.packed(CONTENT)), 2 * len(CONTENT))


def test_no_more_is_unpacked_than_allowed(paddle: str) -> None:
    with pytest.raises(ValueError, match="larger than 1000 bytes"):
        packing.unpacked(packing.packed(CONTENT), 1000)


@pytest.mark.paddle
def test_a_trace_is_saved_where_paddle_was_imported_first(
    run_code: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = run_code("""
        import paddle
        import shapetrace

        shapetrace.Trace(paddle=paddle.__version__).save("out.trace")
        assert shapetrace.load("out.trace").paddle == paddle.__version__
        """)
    assert done.returncode == 0, done.stderr
