"""Sizes are derived of a model however it is spelled, and are those that it runs at."""

from __future__ import annotations

from typing import Any

import pytest

from subprocess_run import told_by_name
from versions import LEGACY

pytestmark = [
    pytest.mark.paddle,
    pytest.mark.skipif(LEGACY, reason="shapes that are fitted to a few sizes are refused"),
]

CODE = """
import paddle
import forked, shapetrace, sized_spellings

def runs(layer, spec, at):
    given = []
    for each in spec:
        shape = [at.get(f"{each.name}[{axis}]", size) for axis, size in enumerate(each.shape)]
        given.append(paddle.ones(shape, each.dtype))
    try:
        layer(*given)
    except Exception:
        return False
    return True

def told(built):
    layer, spec = built()
    layer.eval()
    found = shapetrace.sizes(layer, spec, prove=False)
    wrong = []
    for axis in found.axes:
        alike = found.together_with(axis)
        for size in () if axis.fixed_by_spec or axis.place != alike[0] else range(1, 21):
            ran = runs(layer, spec, {**found.at, **dict.fromkeys(alike, size)})
            if ran != (size in axis.pattern) and not (ran and size in axis.filled):
                wrong.append(f"{axis.place}={size} {'runs' if ran else 'fails'}")
    says = {axis.place: str(axis.said) for axis in found.axes if not axis.fixed_by_spec and axis.axis}
    return {"says": says, "wrong": wrong}

for name, built in sized_spellings.MODELS.items():
    forked.run(name, lambda: told(built))
"""
SAYS: dict[str, dict[str, str]] = {
    "levels": {"image[2]": "any size", "image[3]": "any size"},
    "levels, doubled": {"image[2]": "a multiple of 2", "image[3]": "a multiple of 2"},
}
"""Of each model, what is said of its axes but the first ones."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    script = tmp_path_factory.mktemp("spellings") / "script.py"
    script.write_text(CODE, encoding="utf-8")
    return told_by_name([script])


@pytest.mark.parametrize("name", SAYS)
def test_the_sizes_that_are_derived_are_those_that_run(name: str, models: dict[str, Any]) -> None:
    assert models[name] == {"name": name, "says": SAYS[name], "wrong": []}
