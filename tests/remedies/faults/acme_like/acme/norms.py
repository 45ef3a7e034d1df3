"""One of each kind of thing that a remedy may change."""

from __future__ import annotations

from typing import Any


def fast_norm(x: Any) -> Any:
    return x


def slow_norm(x: Any) -> Any:
    return x


class Norm:
    epsilon = 1e-5

    @staticmethod
    def scale(x: Any) -> Any:
        return x


TABLE = {"epsilon": 1e-5}
REGISTRY: dict[str, Any] = {}
