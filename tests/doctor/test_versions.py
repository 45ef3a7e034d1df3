"""How versions compare, and which combinations of them are told."""

from __future__ import annotations

import pytest

from shapetrace.doctor import combinations, versions


@pytest.mark.parametrize(
    ("version", "least", "below", "within"),
    [
        ("3.3.1", "3", "3.4", True),
        ("3.3.1", "3.3.1", "3.3.1", False),
        ("2.6.2.post120", "2.6.2", "", True),
        ("10.0", "9", "", True),
        ("3.0.0rc1", "3", "", True),
        ("0.0.0", "", "3", False),
        ("develop", "2", "", False),
        ("develop", "", "", True),
    ],
)
def test_a_version_within_bounds(version: str, least: str, below: str, within: bool) -> None:
    assert versions.within(version, least, below) is within


def told(monkeypatch: pytest.MonkeyPatch, python: str = "3.11.7", **packages: str) -> list[tuple[str, str]]:
    """Level and subject of the lines where just these packages are installed."""
    there = {name.replace("_", "-"): version for name, version in packages.items()}
    monkeypatch.setattr(versions, "installed", there.get)
    monkeypatch.setattr(versions, "importable", there.__contains__)
    monkeypatch.setattr("platform.python_version", lambda: python)
    return [(line.level, line.subject) for line in combinations.lines()]


@pytest.mark.parametrize(
    ("packages", "lines"),
    [
        ({"paddlepaddle": "2.6.1", "numpy": "2.0.1"}, [("error", "NumPy")]),
        ({"paddlepaddle_gpu": "2.6.1.post120", "numpy": "2.0.1"}, [("error", "NumPy")]),
        ({"paddlepaddle": "2.6.1", "numpy": "1.26.4"}, []),
        ({"paddlepaddle": "2.6.2", "numpy": "2.2.6"}, []),  # measured: it works
        ({"paddlepaddle": "3.3.1", "numpy": "2.4.6"}, []),
        ({"paddlepaddle": "3.3.1", "paddlepaddle_gpu": "3.3.1"}, [("warning", "Paddle")]),
        ({"paddlepaddle": "3.0.0", "paddle2onnx": "1.2.11"}, [("warning", "Paddle2ONNX")]),
        ({"paddlepaddle": "3.0.0", "paddle2onnx": "2.0.0"}, []),
        ({"paddlepaddle": "2.6.2", "paddle2onnx": "1.2.11"}, []),
        ({"paddlepaddle": "3.3.0", "paddledet": "2.9.0"}, [("note", "PaddleDetection")]),
        ({"paddlepaddle": "3.2.0", "python": "3.12.1"}, [("error", "Python")]),
        ({"paddlepaddle": "3.2.0", "python": "3.12.1", "setuptools": "80"}, []),
        ({"python": "3.12.1"}, []),
        ({}, []),
    ],
)
def test_bad_combinations_are_told(
    monkeypatch: pytest.MonkeyPatch, packages: dict[str, str], lines: list[tuple[str, str]]
) -> None:
    assert told(monkeypatch, **packages) == lines


def test_each_combination_names_the_thread_that_reported_it() -> None:
    for combination in combinations.KNOWN:
        assert combination.packages
        assert combination.threads
        assert all(thread.startswith("https://github.com/PaddlePaddle/") for thread in combination.threads)
