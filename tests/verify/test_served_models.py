"""What goes wrong in an engine is told at the op and line that are to blame, with what to write, and the model that does so is served right."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from subprocess_run import ROOT, run_python, told
from versions import LEGACY

pytestmark = [
    pytest.mark.paddle,
    pytest.mark.skipif(LEGACY, reason="the op is not looked for on Paddle 2.6, and paddle2onnx 2 refuses it"),
]
MODELS = ROOT / "tests" / "served_models.py"
MODULES = {
    "onnxruntime": ("paddle2onnx", "onnxruntime"),
    "openvino": ("paddle2onnx", "openvino"),
    "inference": (),
    "right": ("paddle2onnx", "onnxruntime"),
}


def line(name: str) -> int:
    """The line of a model that is to blame."""
    lines = MODELS.read_text(encoding="utf-8").splitlines()
    return next(number for number, text in enumerate(lines, 1) if text.endswith(f"# {name}"))


def verified(group: str) -> dict[str, dict[str, object]]:
    """What came of the engine, by the name of the model."""
    if missing := [module for module in MODULES[group] if find_spec(module) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    done = run_python(["-W", "ignore", MODELS, group], items=30)
    assert done.returncode == 0, done.stderr[-3000:]
    results = {each["name"]: each["engines"] for each in told(done)}
    assert all(loaded["ok"] for loaded, _ in results.values())
    return {name: engine for name, (_, engine) in results.items()}


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino", "inference"])
def test_what_goes_wrong_is_told_at_its_line_and_its_twin_is_served(engine: str) -> None:
    results = verified(engine)

    from served_models import served

    for model in served(engine):
        result = results[model.name]
        place = result["place"]
        blamed = (Path(place["file"]).name, place["line"], place["op"]) if isinstance(place, dict) else None
        assert blamed == ((MODELS.name, line(model.name), model.op) if model.op else None), result
        assert result["ok"] is not True or "wrong all the same" in str(result["says"])
        assert model.says in str(result["says"])
        if model.twin is not None:
            twin = results[model.twin.__name__]
            assert (twin["ok"], twin["place"]) == (True, None), twin


def test_nothing_is_told_of_what_is_right() -> None:
    for name, result in verified("right").items():
        assert (result["ok"], result["place"]) == (True, None), (name, result)
