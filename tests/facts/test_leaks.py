"""The functions that leak by themselves: the data file says what the page for people says."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from types import CodeType

import pytest

from shapetrace.facts import leaks

PAGE = Path(__file__).parents[2] / "docs/reference/paddle-apis-that-leak.md"


@pytest.mark.paddle
def test_the_page_names_the_functions_that_the_data_has() -> None:
    from survey.paddle_leaks import COMPARING, DISTRIBUTIONS

    table = PAGE.read_text("utf-8").partition("## Leaks")[2].partition("\n## ")[0]
    read = re.findall(r"`([\w<>]+) \((paddle/[\w/]+\.py):\d+\)`", table)
    assert {name for name, file in read if not file.startswith(DISTRIBUTIONS)} - COMPARING.keys() == leaks._readers()


def test_code_is_known_by_its_name() -> None:
    def pdist() -> None: ...
    def dist() -> None: ...

    assert (leaks.reads(pdist.__code__), leaks.reads(dist.__code__)) == (True, False)


class Layer:
    """As layers of Paddle's are known."""

    def sublayers(self) -> None: ...


def code(name: str, file: str = "/site-packages/paddle/nn/functional/common.py", qualified: str = "") -> CodeType:
    """Code of Paddle's."""
    names = {"co_qualname": qualified or name} if sys.version_info >= (3, 11) else {}
    return code.__code__.replace(co_name=name, co_filename=file, **names)


def test_a_layer_is_called_by_its_class_and_a_function_by_its_own_name() -> None:
    for name in ("__call__", "_dygraph_call_func", "forward"):
        assert leaks.name(code(name), Layer()) == "Layer"
        assert leaks.name(code(name), object()) == leaks.name(code(name), None) == ""
    assert leaks.name(code("fold"), Layer()) == ""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="code has no qualified name before")
def test_a_distribution_is_called_by_its_class_and_method() -> None:
    file = os.path.join(os.sep, "site-packages", "paddle", "distribution", "normal.py")
    assert leaks.name(code("sample", file, "Normal.sample"), object()) == "Normal.sample"
    assert leaks.name(code("__init__", file, "Normal.__init__"), object()) == "Normal"
    assert leaks.reads(code("sample", file))
