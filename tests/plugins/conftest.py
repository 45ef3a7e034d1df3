"""Fixtures of tests that need the stand-in for PaddleDetection."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import shapetrace_rtdetrv2

LIKE = Path(__file__).parent / "ppdet_like"


@pytest.fixture
def no_paddledetection() -> Iterator[None]:
    """PaddleDetection, or what stands in for it, is imported neither before the test nor after it."""
    _forget()
    yield
    shapetrace_rtdetrv2.undo()
    _forget()


@pytest.fixture
def stand_in(no_paddledetection: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in can be imported, and is not."""
    monkeypatch.syspath_prepend(LIKE)


@pytest.fixture
def utils(stand_in: None) -> ModuleType:
    """The module of the stand-in that defines the functions."""
    return importlib.import_module("ppdet.modeling.transformers.utils")


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "ppdet"]:
        del sys.modules[name]
