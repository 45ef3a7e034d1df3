"""On Paddle 3 the programs of Paddle 2 are watched as well, where a flag or a guard has it build them."""

from __future__ import annotations

from typing import Any

import pytest

from subprocess_run import run_python, told
from versions import LEGACY

pytestmark = [pytest.mark.paddle, pytest.mark.skipif(LEGACY, reason="Paddle 2 builds no others")]
LOUD = ["ST101", 0, "5*x[0]", "reshape"]


@pytest.fixture(scope="module")
def seen() -> dict[str, dict[str, Any]]:
    """What a watch made of each, with the flag and without."""
    by_name = {}
    for kind, flag in (("guard", "1"), ("flag", "0")):
        done = run_python(["-W", "ignore", "-m", "old_programs"], env={"FLAGS_enable_pir_api": flag})
        assert done.returncode == 0, done.stderr[-3000:]
        by_name |= {f"{kind}: {line['name']}": line for line in told(done)}
    return by_name


def test_the_flag_has_paddle_build_the_other_kind(seen: dict[str, dict[str, Any]]) -> None:
    assert not seen["flag: sound"]["pir"]
    assert seen["guard: sound"]["pir"]
    assert all(line["notes"] == [] for line in seen.values()), seen


@pytest.mark.parametrize("kind", ["guard", "flag"])
def test_leaks_are_found_and_nothing_else(seen: dict[str, dict[str, Any]], kind: str) -> None:
    loud, quiet, sound = (seen[f"{kind}: {name}"] for name in ("loud", "quiet", "sound"))
    assert (loud["raised"], loud["findings"]) == (["AssertionError"], [LOUD])
    assert (quiet["raised"], [finding[:3] for finding in quiet["findings"]]) == ([""], [["ST103", 0, "x[0]"]])
    assert (sound["raised"], sound["findings"], sound["symbolic"]) == ([""], [], [["5*x[0]", "2"]])


def test_it_is_known_that_their_shapes_are_fitted(seen: dict[str, dict[str, Any]]) -> None:
    """Which sizes such an export takes cannot be derived from them."""
    assert seen["flag: sound"]["fitted"] == [True]


def test_both_kinds_are_watched_by_turns(seen: dict[str, dict[str, Any]]) -> None:
    turns = seen["guard: by turns"]
    assert turns["raised"] == ["AssertionError", "AssertionError", "", ""]
    assert {finding[0] for finding in turns["findings"]} == {"ST101", "ST103"}
    assert turns["ops"][0] == turns["ops"][1] and turns["ops"][2] == turns["ops"][3]
    assert all("pd_op.matmul" in ops for ops in turns["ops"])


def test_both_kinds_are_healed(seen: dict[str, dict[str, Any]]) -> None:
    for name in ("guard: healed by turns", "flag: healed"):
        assert not any(seen[name]["raised"]), name
        assert seen[name]["findings"] == []
        assert all(symbolic == ["5*x[0]", "2"] for symbolic in seen[name]["symbolic"])
