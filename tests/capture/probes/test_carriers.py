"""What is in the containers that functions and methods put things into."""

from __future__ import annotations

import ast
from types import SimpleNamespace
from typing import Any

import pytest

from shapetrace.capture.probes import carriers
from shapetrace.dim import Origin, remember

TAPE: Any = SimpleNamespace(closed=False, used=lambda *use: None)


def number(value: int, lost: bool = True) -> Any:
    made = remember(value, Origin("int", (), None), TAPE)
    made.origin.lost = lost
    return made


TWO, THREE, READ = number(2), number(3), number(-1, lost=False)


def call(text: str) -> ast.Call:
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Call)
    return node


def shown(value: Any) -> Any:
    """A shadow with its stands by name, for they are equal to what they stand for."""
    for name, stand in (("two", TWO), ("three", THREE), ("read", READ)):
        if value is stand:
            return name
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return [shown(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("list(x)", [[4, TWO]], [4, "two"]),
        ("tuple(x)", [(4, TWO)], [4, "two"]),
        ("iter(x)", [[TWO]], ["two"]),
        ("enumerate(x)", [[TWO, 4]], [[0, "two"], [1, 4]]),
        ("sorted(x)", [[THREE, 4, TWO, READ]], ["read", "two", "three", 4]),
        ("sorted(x)", [[THREE, None]], None),
        ("reversed(x)", [[THREE, 4, TWO, READ]], ["read", "two", 4, "three"]),
        ("set(x)", [[4, TWO]], ["two"]),
        ("frozenset(x)", [[4, READ]], []),
        ("zip(a, b)", ["hw", [TWO, THREE]], [["h", "two"], ["w", "three"]]),
        ("zip(a, b)", ["hwc", [TWO]], [["h", "two"]]),
        ("zip(a, b)", [None, [TWO]], None),
        ("dict(x)", [[["h", TWO], ("w", THREE)]], {"h": "two", "w": "three"}),
        ("dict(x)", [{"h": TWO}], {"h": "two"}),
        ("dict(h=a, w=b)", [TWO, 4], {"h": "two", "w": 4}),
        ("dict(x, w=b)", [{"h": TWO, "w": 4}, THREE], {"h": "two", "w": "three"}),
        ("dict(x, w=b)", [[[0, TWO]], THREE], {0: "two", "w": "three"}),
        ("dict(**x)", [{"h": TWO}], {}),
        ("dict(x)", [[["h", TWO], TWO]], None),
        ("dict(x)", [[["h", TWO, 4]]], None),
        ("dict(x)", [[[None, TWO]]], None),
        ("list(x)", [4], None),
        ("list(x, y)", [[TWO], [4]], None),
        ("max(x)", [[TWO]], None),
    ],
)  # fmt: skip
def test_what_a_call_gives(text: str, values: list[Any], expected: Any) -> None:
    node = call(text)
    assert isinstance(node.func, ast.Name)
    function = getattr(__import__("builtins"), node.func.id)
    assert shown(carriers.shadow(function, node, values)) == expected


def test_the_tape_hears_of_no_comparison_where_numbers_are_sorted() -> None:
    heard: list[Any] = []
    tape: Any = SimpleNamespace(closed=False, used=lambda *use: heard.append(use))
    numbers = [remember(value, Origin("int", (), None), tape) for value in (3, 2)]
    for number in numbers:
        number.origin.lost = True
    assert [
        item is number
        for item, number in zip(carriers.shadow(sorted, call("sorted(x)"), [numbers]), numbers[::-1], strict=True)
    ] == [True, True]
    assert heard == []


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("items.append(n)", [TWO], ["two"]),
        ("items.insert(0, n)", [0, TWO], ["two"]),
        ("items.extend(x)", [[4, TWO, READ]], ["two"]),
        ("items.update(x)", [{"a": [[TWO]], "b": [[[THREE]]]}], ["two"]),
        ("items.index(n)", [TWO], []),
        ("append(n)", [TWO], []),
    ],
)
def test_what_a_method_puts_into_its_owner(text: str, values: list[Any], expected: list[str]) -> None:
    assert shown(carriers.kept(call(text), values)) == expected
