"""Exports detectors in miniature with and without the remedy `rtdetrv2`, and compares each with itself before the export.

    python -m plugins.rtdetrv2_exports

Each export is made in a forked process. Prints what was seen as JSON lines. `ppdet_like` stands in for PaddleDetection.
"""

from __future__ import annotations

import functools
import importlib.util
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

import forked

sys.path.insert(0, str(Path(__file__).parent / "ppdet_like"))

from ppdet.modeling.transformers import rtdetr_transformerv2, utils

import shapetrace
import shapetrace_rtdetrv2

CHANNELS, HEADS = 8, 2
SIZES = ((2, 3, 8, 12), (1, 5, 4, 4), (3, 1, 12, 4))
"""Batch, queries, height and width of the inputs. What an export knows stays as in the first."""

UNKNOWN = {
    "batch": {0},
    "queries": {1},
    "sides": {2, 3},
    "batch and queries": {0, 1},
    "batch and sides": {0, 2, 3},
    "everything": {0, 1, 2, 3},
}


class Detector(nn.Layer):
    """Two maps of an image, and an attention to both."""

    def __init__(self, attention: nn.Layer) -> None:
        super().__init__()
        self.fine = nn.Conv2D(3, CHANNELS, 2, stride=2)
        self.coarse = nn.Conv2D(3, CHANNELS, 4, stride=4)
        self.attention = attention

    def forward(self, image: Tensor, query: Tensor, boxes: Tensor) -> Tensor:
        """Return the next `query`."""
        maps = [self.fine(image), self.coarse(image)]
        memory = paddle.concat([each.flatten(2).transpose([0, 2, 1]) for each in maps], axis=1)
        sides = [(each.shape[2], each.shape[3]) for each in maps]
        return query + self.attention(query, boxes.unsqueeze(2), memory, sides)


class Older(nn.Layer):
    """Keeps the older function in a partial, where it has the bug too."""

    def __init__(self) -> None:
        super().__init__()
        self.core = functools.partial(utils.deformable_attention_core_func)

    def forward(self, query: Tensor, boxes: Tensor, memory: Tensor, sides: Any) -> Tensor:
        """One place a level: the middle of the box."""
        batch, queries = query.shape[:2]
        value = memory.reshape([batch, memory.shape[1], HEADS, CHANNELS // HEADS])
        places = boxes[:, :, 0, :2].reshape([batch, queries, 1, 1, 1, 2]).expand([-1, -1, HEADS, 2, 1, 2])
        weights = boxes[:, :, 0, 2].reshape([batch, queries, 1, 1, 1]).expand([-1, -1, HEADS, 2, 1])
        return self.core(value, sides, [0], places, weights)


def attention(sampling: str) -> nn.Layer:
    return rtdetr_transformerv2.MSDeformableAttention(CHANNELS, HEADS, 2, [2, 1], sampling)


def vendored() -> nn.Layer:
    """The layer with a function that lives in a copy of the module, under another name."""
    spec = importlib.util.spec_from_file_location("vendored_utils", utils.__file__)
    assert spec is not None and spec.loader is not None
    copy = sys.modules["vendored_utils"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copy)
    layer = attention("default")
    held = layer.ms_deformable_attn_core
    layer.ms_deformable_attn_core = functools.partial(copy.deformable_attention_core_func_v2, **held.keywords)
    return layer


def inputs(sizes: tuple[int, int, int, int]) -> list[Any]:
    batch, queries, height, across = sizes
    draw = np.random.RandomState(0).rand
    shapes = ((batch, 3, height, across), (batch, queries, CHANNELS), (batch, queries, 4))
    return [paddle.to_tensor(draw(*shape).astype("float32")) for shape in shapes]


def export(model: nn.Layer, unknown: set[int]) -> dict[str, Any]:
    """Export and compare.

    Returns:
        `refused`: what Paddle raised at the conversion, or None; and for each of SIZES in `runs` one of `equal`,
        `different` or `fails`.
    """
    model.eval()
    batch, queries, height, across = (-1 if axis in unknown else size for axis, size in enumerate(SIZES[0]))
    spec = [
        InputSpec([batch, 3, height, across], "float32", name="image"),
        InputSpec([batch, queries, CHANNELS], "float32", name="query"),
        InputSpec([batch, queries, 4], "float32", name="boxes"),
    ]
    with tempfile.TemporaryDirectory() as directory:
        try:
            paddle.jit.save(model, f"{directory}/model", input_spec=spec)
        except Exception as error:
            return {"refused": str(error).strip().splitlines()[-1], "runs": []}
        loaded = paddle.jit.load(f"{directory}/model")
    runs = []
    for sizes in SIZES:
        given = inputs(tuple(size if axis in unknown else SIZES[0][axis] for axis, size in enumerate(sizes)))
        runs.append(compare(loaded, model, given))
    return {"refused": None, "runs": runs}


def compare(loaded: Any, model: nn.Layer, given: list[Any]) -> str:
    expected = model(*given).numpy()
    try:
        got = loaded(*given).numpy()
    except Exception:  # whatever Paddle says: the exported model is of no use
        return "fails"
    return "equal" if np.array_equal(got, expected) else "different"


def plain(make: Callable[[], nn.Layer], unknown: set[int]) -> dict[str, Any]:
    """Without the remedy."""
    return export(Detector(make()), unknown)


def watched(make: Callable[[], nn.Layer], unknown: set[int], remedy: str = "rtdetrv2") -> dict[str, Any]:
    """With the remedy, applied to a model that exists."""
    model = Detector(make())
    with shapetrace.watch(remedies=remedy) as trace:
        result = export(model, unknown)
    return {**result, "remedy": trace.remedies[0].name, "changes": trace.remedies[0].changes, "notes": trace.notes}


def built_inside(make: Callable[[], nn.Layer], unknown: set[int]) -> dict[str, Any]:
    """With the remedy, applied before the model is built."""
    with shapetrace.watch(remedies="rtdetrv2"):
        return export(Detector(make()), unknown)


@contextmanager
def applied(model: nn.Layer | None = None) -> Iterator[None]:
    shapetrace_rtdetrv2.apply(model)
    try:
        yield
    finally:
        shapetrace_rtdetrv2.undo()


def applied_before(make: Callable[[], nn.Layer], unknown: set[int]) -> dict[str, Any]:
    """Repaired without a watch, before the model is built."""
    with applied():
        return export(Detector(make()), unknown)


def applied_after(make: Callable[[], nn.Layer], unknown: set[int]) -> dict[str, Any]:
    """Repaired without a watch, when the model holds its partials already; and once more after `undo`."""
    model = Detector(make())
    with applied():
        result = export(model, unknown)
    return {**result, "afterwards": export(model, unknown)}


def applied_to_model(make: Callable[[], nn.Layer], unknown: set[int]) -> dict[str, Any]:
    """The functions of one model repaired without a watch."""
    model = Detector(make())
    with applied(model):
        return export(model, unknown)


def before_and_after_a_watch(make: Callable[[], nn.Layer], unknown: set[int]) -> dict[str, Any]:
    """Before the watch, so that Paddle has seen the functions as they are, inside it, and when it is closed."""
    model = Detector(make())
    before = export(model, unknown)
    with shapetrace.watch(remedies="rtdetrv2"):
        result = export(model, unknown)
    return {"before": before, **result, "afterwards": export(model, unknown)}


def main() -> None:
    works: list[tuple[str, Callable[..., dict[str, Any]], Callable[[], nn.Layer], set[int]]] = []
    for sampling in ("default", "discrete"):
        make = functools.partial(attention, sampling)
        for name, unknown in UNKNOWN.items():
            works += [
                (f"{sampling}, {name}: plain", plain, make, unknown),
                (f"{sampling}, {name}: watched", watched, make, unknown),
            ]
    some = UNKNOWN["batch and queries"]
    for work in (built_inside, applied_before, applied_after, applied_to_model, before_and_after_a_watch):
        works.append((work.__name__, work, functools.partial(attention, "discrete"), some))
    works += [
        ("auto", functools.partial(watched, remedy="auto"), functools.partial(attention, "default"), some),
        ("vendored: plain", plain, vendored, some),
        ("vendored: applied", applied_to_model, vendored, some),
        ("older: plain", plain, Older, some),
        ("older: applied", applied_after, Older, some),
    ]
    for name, work, make, unknown in works:
        forked.run(name, functools.partial(work, make, unknown))


if __name__ == "__main__":
    main()
