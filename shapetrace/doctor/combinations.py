"""Combinations of versions that are known not to work, each with the threads that say so. A combination is data."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field

from shapetrace.doctor import versions
from shapetrace.doctor.lines import Level, Line
from shapetrace.said import Sentence, said


@dataclass(frozen=True)
class Bounds:
    """Versions from `least` on, up to and without `below`; an empty bound is none."""

    least: str = ""
    below: str = ""


@dataclass(frozen=True)
class Combination:
    """Versions that do not go together."""

    subject: str
    says: Sentence
    do: Sentence
    threads: tuple[str, ...]
    level: Level = "error"
    packages: Mapping[str, Bounds] = field(default_factory=dict)
    """All of these are installed; `paddle` stands for either of its distributions, `python` for Python."""
    missing: str = ""
    """And this one is not."""


_ISSUES = "https://github.com/PaddlePaddle"
_ANY = Bounds()

KNOWN = (
    Combination(
        "NumPy",
        said(
            "Paddle before 2.6.2 cannot give tensors to NumPy 2: TypeError: __array__(): incompatible function arguments"
        ),
        said("pip install 'numpy<2', or a newer Paddle"),
        (f"{_ISSUES}/Paddle/issues/67599", f"{_ISSUES}/Paddle/issues/65396", f"{_ISSUES}/Paddle/pull/67866"),
        packages={"paddle": Bounds(below="2.6.2"), "numpy": Bounds("2")},
    ),
    Combination(
        "Python",
        said(
            "Paddle imports setuptools, which Python has not brought along since 3.12 and older releases do not ask for"
        ),
        said("pip install setuptools"),
        (f"{_ISSUES}/Paddle/issues/73449", f"{_ISSUES}/Paddle/issues/71650", f"{_ISSUES}/Paddle/pull/76589"),
        packages={"python": Bounds("3.12"), "paddle": _ANY},
        missing="setuptools",
    ),
    Combination(
        "Paddle",
        said(
            "paddlepaddle and paddlepaddle-gpu are both installed, into the same directory: uninstalling either breaks "
            "the other"
        ),
        said("pip uninstall paddlepaddle paddlepaddle-gpu, then install one of them"),
        (f"{_ISSUES}/Paddle/issues/47344",),
        level="warning",
        packages={"paddlepaddle": _ANY, "paddlepaddle-gpu": _ANY},
    ),
    Combination(
        "Paddle2ONNX",
        said("Paddle2ONNX before 2.0 looks for a .pdmodel; Paddle 3 writes a .json, and the ONNX file comes out empty"),
        said("pip install 'paddle2onnx>=2', or export with FLAGS_enable_pir_api=0"),
        (f"{_ISSUES}/Paddle/issues/69128",),
        level="warning",
        packages={"paddle": Bounds("3"), "paddle2onnx": Bounds(below="2")},
    ),
    Combination(
        "PaddleDetection",
        said("exports are reported to fail with this Paddle, that of PP-YOLOE+ among them"),
        "",
        (f"{_ISSUES}/Paddle/issues/78945", f"{_ISSUES}/PaddleDetection/issues/9496"),
        level="note",
        packages={"paddle": Bounds("3.3", "3.4"), "paddledet": Bounds("2.9", "2.10")},
    ),
)
"""Each is a line of the table where it is met."""


def lines(combinations: tuple[Combination, ...] = KNOWN) -> list[Line]:
    """A line for each combination that is met here.

    Args:
        combinations: The combinations.
    """
    return [
        Line(combination.level, combination.subject, combination.says, combination.do, combination.threads)
        for combination in combinations
        if _met(combination)
    ]


def _met(combination: Combination) -> bool:
    if combination.missing and versions.importable(combination.missing):
        return False
    return all(_present(name, bounds) for name, bounds in combination.packages.items())


def _present(name: str, bounds: Bounds) -> bool:
    present = [platform.python_version()] if name == "python" else []
    if name != "python":
        distributions = versions.PADDLE if name == "paddle" else (name,)
        present = [
            version for distribution in distributions if (version := versions.installed(distribution)) is not None
        ]
    return any(versions.within(version, bounds.least, bounds.below) for version in present)
