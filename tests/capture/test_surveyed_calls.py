"""A number that remembers goes through every function of Paddle's as the plain number does, and is seen there."""

from __future__ import annotations

import ast
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import versions
from shapetrace.capture.probes import exact_types
from subprocess_run import ROOT, run_python, told

pytestmark = pytest.mark.paddle

PART = os.environ.get("SHAPETRACE_DOORS", "4")
"""One in how many calls of the survey is tried; 1 for all 9,000 of them, which takes two minutes of CPU on Paddle 3."""

DECIDED_BY_PYTHON = (
    "range(", "array(x)", "unflatten", "Unflatten", "moveaxis", "rot90", "diff", "swapaxes", "transforms.affine", "nn.Transformer",
    "layer(m)[_n]", "layer(m, sequence_length=ids[:, 0] * 0 + 3)[_n]", "layer(v)[_n]", "paddle.slice(paddle.ones([40, 8])",
)  # fmt: skip
"""Parts of calls in which Paddle's Python, or Python itself, decides on the number: how many layers, which axis. No op gets it."""


def test_a_call_gives_the_same_whether_the_number_remembers() -> None:
    done = run_python(
        ["-W", "ignore", ROOT / "tests/capture/surveyed_calls.py", "--part", PART], items=10, memory=12 << 30
    )
    lines = told(done)

    assert done.returncode == 0, done.stderr[-2000:]
    assert [line for line in lines if "changed" in line] == []
    pairs = [line["unheard"] for line in lines if "unheard" in line]
    of_layers = versions.LEGACY  # 2.6 makes parameters in another program, and no op gets their shape
    unheard = ["=>".join((layer, call)) for layer, call in pairs if "_n" in call or not of_layers]
    assert [call for call in unheard if not any(part in call for part in DECIDED_BY_PYTHON)] == []
    assert lines[-1]["built"] > 500, "the calls must build programs, or they show nothing"


def test_all_modules_that_ask_for_exact_numbers_are_answered() -> None:
    asking = {module for module, code in questions() if {"int", "float", "integer", "complex"} & names_in(code)}

    assert asking
    assert asking <= set(exact_types.MODULES)


def questions() -> Iterator[tuple[str, ast.AST]]:
    """Each `type(...)` in Paddle that is compared or handed on, as module and the expression around it."""
    spec = importlib.util.find_spec("paddle")
    assert spec is not None and spec.origin is not None
    root = Path(spec.origin).parent
    for path in root.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "type(" not in text:
            continue
        module = ".".join(("paddle", *path.relative_to(root).with_suffix("").parts)).removesuffix(".__init__")
        for node in ast.walk(ast.parse(text)):
            parts: tuple[ast.expr, ...]
            parts = (node.left, *node.comparators) if isinstance(node, ast.Compare) else ()
            parts = (*node.args,) if isinstance(node, ast.Call) and "issubdtype" in ast.unparse(node.func) else parts
            if any(isinstance(part, ast.Call) and ast.unparse(part.func) == "type" for part in parts):
                yield module, node


def names_in(node: ast.AST) -> set[str]:
    """All names and attributes in an expression."""
    return {getattr(part, "id", getattr(part, "attr", "")) for part in ast.walk(node)}
