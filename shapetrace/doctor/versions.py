"""Versions of what is installed, and how they compare. No package is imported for it."""

from __future__ import annotations

import importlib.util
import re
import sys
from importlib.metadata import PackageNotFoundError, version

PADDLE = ("paddlepaddle", "paddlepaddle-gpu")
"""Both are the package `paddle`."""


def installed(distribution: str) -> str | None:
    """The version of an installed distribution, or None. The text may be of any form: people build their own."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def release(text: str) -> tuple[int, ...]:
    """The numbers that a version begins with: (3, 0, 0) for `3.0.0rc1.post126`. Empty where it begins with none."""
    numbers = re.match(r"\d+(\.\d+)*", text)
    return tuple(int(number) for number in numbers.group().split(".")) if numbers else ()


def within(text: str, least: str = "", below: str = "") -> bool:
    """Whether a version is at least one and below another.

    A version without numbers, or `0.0.0` (what Paddle calls builds from source), is within no bounds.
    """
    numbers = release(text)
    if not any(numbers):
        return not (least or below)
    return (not least or numbers >= release(least)) and (not below or numbers < release(below))


def importable(package: str) -> bool:
    """Whether a top-level package can be found, without importing it."""
    try:
        return package in sys.modules or importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False
