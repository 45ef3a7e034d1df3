"""Whether the sizes that are derived are those that run: each axis at many sizes, in dygraph and in the export.

    python benchmarks/sizes_by_brute_force.py [MODEL ...] [--most SIZE] [--batches SIZE] [--seconds S] [--markdown]

MODEL is one of `tests/sized_models.py`, a constructor of `paddle.vision.models`, or a config of PaddleDetection, found from the
directory of its checkout (`configs/picodet/picodet_s_320_coco_lcnet.yml`); without any, all below. Each is a process of its own.
Of a model, every unknown axis is run at each size from 1 to `--most` (first axes to `--batches`) and at some larger ones, the others held at
sizes that go together, equal ones together. A size works where the model runs, the export runs, and both give the same.

Counted are the sizes: *exact*, derived as they are; *empty*, left out since a tensor inside is empty, though Paddle runs it;
*undecided*, of an axis of which that is said; *wrong*, all others.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VISION = (
    "resnet18",
    "mobilenet_v1",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "squeezenet1_0",
    "shufflenet_v2_x0_25",
    "densenet121",
)
_LARGE = (64, 96, 97, 128)


def counted(name: str, most: int, batches: int = 0) -> dict[str, Any]:
    """The counts of one model, and the sizes that are wrong."""
    import paddle

    from shapetrace.proof import edges
    from shapetrace.proof.asking import exported
    from shapetrace.sizes import deriving

    layer, spec = _built(name)
    layer.eval()
    started = time.process_time()
    trace = exported(layer, spec)
    after = time.process_time()
    found = deriving.derived(trace)[-1]
    derived = time.process_time()
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as directory, paddle.no_grad():
        paddle.jit.save(layer, f"{directory}/model", input_spec=spec)
        loaded = paddle.jit.load(f"{directory}/model")
        for places in _groups(found):
            axis = found.axis(places[0])
            last = batches if batches and not axis.axis else most
            for size in (*range(1, last + 1), *(large for large in _LARGE if axis.axis and large > last)):
                works = _works(layer, loaded, spec, {**found.at, **dict.fromkeys(places, size)})
                kind = _kind(works, size in axis.pattern, size in axis.filled, bool(axis.undecided))
                counts[kind] += 1
                if kind == "wrong":
                    wrong.append(f"{' '.join(places)}={size} {'runs' if works else 'fails'}")
        for trial in edges.one_alone(found):
            works = _works(layer, loaded, spec, trial.sizes)
            counts["exact" if works == trial.taken else "wrong"] += 1
            if works != trial.taken:
                wrong.append(f"{trial.sizes} {'runs' if works else 'fails'}")
    return {
        "name": name,
        "counts": counts,
        "wrong": wrong,
        "axes": [f"{axis.place}: {axis.said}" for axis in found.axes if not axis.fixed_by_spec],
        "export": after - started,
        "derive": derived - after,
    }


def _kind(works: bool, taken: bool, filled: bool, undecided: bool) -> str:
    if works == taken:
        return "exact"
    if works and not filled:
        return "empty"
    return "undecided" if undecided else "wrong"


def _groups(found: Any) -> Iterator[tuple[str, ...]]:
    """The unknown axes, those together that are equal."""
    grouped = {place for places in found.equal for place in places}
    yield from found.equal
    yield from ((axis.place,) for axis in found.axes if not axis.fixed_by_spec and axis.place not in grouped)


def _built(name: str) -> Any:
    import paddle

    import sized_models

    if name in sized_models.MODELS:
        return sized_models.MODELS[name]()
    if name.endswith(".yml"):
        return _detector(name)
    spec = [paddle.static.InputSpec([None, 3, -1, -1], "float32", "image")]
    return getattr(paddle.vision.models, name)(), spec


def _detector(config: str) -> Any:
    """A model of PaddleDetection without its weights, and the inputs that its trainer exports it with."""
    sys.path.insert(0, os.getcwd())
    from paddle.static import InputSpec
    from ppdet.core.workspace import create, load_config

    loaded = load_config(config)
    loaded["weights"] = loaded["pretrain_weights"] = None
    for section in loaded.values():
        if isinstance(section, dict) and section.get("pretrained"):
            section["pretrained"] = None
    shapes = {"image": [None, 3, -1, -1], "im_shape": [None, 2], "scale_factor": [None, 2]}
    if loaded["architecture"] != "DETR":  # the others leave it out
        del shapes["im_shape"]
    return create(loaded["architecture"]), [{name: InputSpec(shape, "float32", name) for name, shape in shapes.items()}]


def _inputs(spec: Any, at: dict[str, int]) -> list[Any]:
    """Tensors of sizes, structured as the spec is."""
    import paddle

    if isinstance(spec, list):
        return [_inputs(each, at) for each in spec]
    if isinstance(spec, dict):
        found = {name: _inputs(each, at) for name, each in spec.items()}
        if "im_shape" in found:  # of a detector: the size of its image
            found["im_shape"] = paddle.ones_like(found["im_shape"]) * paddle.to_tensor(
                found["image"].shape[2:], "float32"
            )
            found["scale_factor"] = paddle.ones_like(found["scale_factor"])
        return found
    shape = [at.get(f"{spec.name}[{axis}]", size) for axis, size in enumerate(spec.shape)]
    whole = spec.dtype == paddle.int64
    return paddle.randint(0, 2, shape, "int64") if whole else paddle.rand(shape, "float32")


def _works(layer: Any, loaded: Any, spec: Any, at: dict[str, int]) -> bool:
    """Whether a model runs at sizes, its export does, and both give the same."""
    import paddle

    inputs = _inputs(spec, at)
    try:
        expected = paddle.utils.flatten(layer(*inputs))
        got = paddle.utils.flatten(loaded(*paddle.utils.flatten(inputs)))
    except Exception:
        return False
    return all(
        list(a.shape) == list(b.shape)
        and bool(paddle.allclose(a.astype("float32"), b.astype("float32"), 1e-3, 1e-4, True))
        for a, b in zip(expected, got, strict=True)
    )


def _child(name: str, most: int, batches: int, seconds: int) -> dict[str, Any]:
    folders = [str(ROOT / "benchmarks"), str(ROOT / "tests"), str(ROOT)]
    code = f"import sys; sys.path[:0] = {folders}; import json, sizes_by_brute_force as b; print('\\n@' + json.dumps(b.counted({name!r}, {most}, {batches})))"
    environment = {**os.environ, "GLOG_minloglevel": "2", "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        return {"name": name, "died": f"{seconds} s were not enough"}
    lines = [line for line in done.stdout.splitlines() if line.startswith("@")]
    if not lines:
        return {"name": name, "died": (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]}
    found: dict[str, Any] = json.loads(lines[-1][1:])
    return found


def main() -> None:
    """Run the models, and print a line or a row for each."""
    sys.path.insert(0, str(ROOT / "tests"))
    import sized_models

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--most", type=int, default=40, metavar="SIZE")
    parser.add_argument("--batches", type=int, default=0, metavar="SIZE")
    parser.add_argument("--seconds", type=int, default=900, metavar="S")
    parser.add_argument("--markdown", action="store_true")
    given = parser.parse_args()
    if given.markdown:
        print("| model | exact | empty | undecided | wrong | sizes |\n| --- | --- | --- | --- | --- | --- |")
    for name in given.models or (*sized_models.MODELS, *VISION):
        found = _child(name, given.most, given.batches, given.seconds)
        if "died" in found:
            print(f"{name}: {found['died']}", flush=True)
            continue
        numbers = [found["counts"].get(kind, 0) for kind in ("exact", "empty", "undecided", "wrong")]
        if given.markdown:
            print(f"| {name} | {' | '.join(map(str, numbers))} | {'; '.join(found['axes'])} |", flush=True)
        else:
            print(
                name,
                *numbers,
                f"export {found['export']:.2f} s, derive {found['derive']:.2f} s",
                *found["axes"],
                *found["wrong"],
                sep="\n    ",
                flush=True,
            )


if __name__ == "__main__":
    main()
