"""The JSON of a verification, made of results by hand. Paddle is not needed."""

from __future__ import annotations

from typing import Any

import pytest

from shapetrace.reports.translations import speaking
from shapetrace.trace import Site
from shapetrace.verify import Difference, Failure, Place, Run, Verification
from shapetrace.verify.document import Engine, document

PLACE = Place("pd_op.add", ("[2, 4]",), "/Net/", Site("net.py", 7, 0, 7, 5, "x + y"), ("they clash",))
SAME = Run({"batch": 1})

ENGINES: dict[str, tuple[Verification, dict[str, Any]]] = {
    "the same": (
        Verification("Net", [SAME, Run({"batch": 9}, skipped="ValueError: no")]),
        {"ok": True, "stage": None, "says": "gives the same", "place": None, "sizes": [{"batch": 1}]},
    ),
    "not exported": (
        Verification("Net", refused="TypeError: no", stage="convert"),
        {"ok": False, "stage": "convert", "says": "TypeError: no", "place": None, "sizes": []},
    ),
    "not loaded": (
        Verification("Net", refused="ValueError: no file", stage="load"),
        {"ok": False, "stage": "load", "says": "ValueError: no file", "place": None, "sizes": []},
    ),
    "fails": (
        Verification("Net", [SAME, Run({"batch": 2}, failure=Failure("ValueError: no", PLACE))]),
        {
            "ok": False,
            "stage": "run",
            "says": "ValueError: no",
            "place": {
                "file": "net.py",
                "line": 7,
                "code": "x + y",
                "op": "pd_op.add",
                "operands": ["[2, 4]"],
                "layer": "/Net/",
                "clash": ["they clash"],
            },
            "sizes": [{"batch": 2}],
        },
    ),
    "differs": (
        Verification("Net", [Run({"batch": n}, Difference("[1]", "values", "differs")) for n in (1, 2)]),
        {"ok": False, "stage": "compare", "says": "[1] differs", "place": None, "sizes": [{"batch": 1}, {"batch": 2}]},
    ),
    "rounding decides": (
        Verification("Net", [Run({"batch": 1}, skipped="ValueError: no"), Run({"batch": 2}, undecided="as much")]),
        {"ok": None, "stage": None, "says": "nothing was compared: as much", "place": None, "sizes": []},
    ),
    "nothing compared": (
        Verification("Net", [Run({"batch": n}, skipped="ValueError: no") for n in (1, 2)]),
        {
            "ok": None,
            "stage": None,
            "says": "nothing was compared, the model itself fails: ValueError: no",
            "place": None,
            "sizes": [],
        },
    ),
}


@pytest.mark.parametrize(("result", "engine"), ENGINES.values(), ids=ENGINES)
def test_the_first_engine_is_jit_load(result: Verification, engine: dict[str, Any]) -> None:
    said = document(result)

    assert said["engines"] == [{"name": "jit.load", **engine}]
    assert said["ok"] is result.ok
    assert len(said["runs"]) == len(result.runs)


def test_further_engines_count_unless_they_cannot_tell() -> None:
    result = Verification("Net", [SAME])

    assert document(result, [Engine("other", None, said="install it")])["ok"] is True
    assert document(result, [Engine("other", False, "load", "no")])["ok"] is False


def test_people_read_it_in_their_language() -> None:
    runs = [Run({"B": 2}), Run({"B": 5}, largest=0.25, reach=3.0, reordered=("boxes",)), Run({"B": 7}, skipped="E: no")]
    with speaking("zh"):
        said = Verification("Net", runs).text()
    assert said.splitlines() == [
        "Net：导出的模型结果相同",
        "  B=2：相同（最大差别 0）",
        "  B=5：相同（最大差别 0.25，值的量级为 3，boxes 的行顺序不同）",
        "  B=7：未比较，模型本身在这些大小下失败：E: no",
    ]
    with speaking("en"):
        assert (
            Verification("Net", runs).text().startswith("Net: the exported model gives the same\n  B=2: same (largest")
        )
