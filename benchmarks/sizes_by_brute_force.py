"""Whether the sizes that are derived are those that run: each axis at many sizes, in dygraph and in the export.

    python benchmarks/sizes_by_brute_force.py [MODEL ...] [--factory MODULE:FUNCTION ...] [--most SIZE] [--batches SIZE] [--sizes N] [--markdown]

MODEL is one of `tests/sized_models.py`, `tests/sized_spellings.py` or `tests/sized_ops.py`, a constructor of `paddle.vision.models`, or a config of PaddleDetection, found from the
directory of its checkout (`configs/picodet/picodet_s_320_coco_lcnet.yml`). A factory is what `shapetrace sizes` takes: a function that returns a layer
and its input spec, found from the current directory or in `tests` (`models.product_to_reshape:healthy`). Without any, all of ours are run.

Each model is a fork of its own, and its sizes run in forks of that: what dies or hangs at a size costs that size only. Every unknown axis is run at
each size from 1 to `--most` (first axes to `--batches`), at some larger ones, and beside each edge that is derived, the others held at sizes
that go together, equal ones together. With `--sizes N` only the edges and as many others, chosen at random, are run. A size works where the model
runs, the export runs, and both give the same.

Counted are the sizes: *exact*, derived as they are; *empty*, left out since a tensor inside is empty, though Paddle runs it;
*undecided*, of an axis of which that is said, or with such an axis held; *wrong*, all others. Beside them stand the seconds of the processor and the memory of one plain export, and of
`shapetrace.sizes`, which exports, derives and proves, with all processes that it starts; each in a fork that has imported Paddle and done nothing else.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import pickle
import random
import resource
import select
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VISION = (
    "resnet18",
    "mobilenet_v1",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "squeezenet1_0",
    "alexnet",
    "googlenet",
    "densenet121",
)
KINDS = ("exact", "empty", "undecided", "wrong")
_LARGE = (256, 320, 384, 512)
_MEMORY = 12 << 30
_SECONDS = 60.0  # of one size
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
_PLACES = sorted((ROOT / "tests" / "models").glob("[!_]*.py"))
FACTORIES = tuple(f"models.{path.stem}:healthy" for path in _PLACES if "def healthy(" in path.read_text("utf-8"))


def counted(name: str, most: int, batches: int, sizes: int = 0) -> dict[str, Any]:
    """The counts of one model for each of its axes, the sizes that are wrong, and what it cost.

    Args:
        name: The model.
        most: Up to here every size is run.
        batches: The same for first axes.
        sizes: How many of them, and all where it is 0.
    """
    import paddle

    import shapetrace

    layer, spec = built(name)
    layer.eval()
    with tempfile.TemporaryDirectory() as directory, paddle.no_grad():
        path = f"{directory}/model"
        _, *export = measured(lambda: paddle.jit.save(layer, path, input_spec=spec))
        found, *derived = measured(lambda: shapetrace.sizes(layer, spec))
        loaded = paddle.jit.load(path)
        trials = list(_trials(found, most, batches, sizes))
        worked = outcomes(lambda trial: outcome(layer, loaded, spec, trial[1]) == "same", trials)
    counts: dict[str, Counter[str]] = {}
    wrong = []
    for (axes, at, (if_so, if_not)), so in zip(trials, worked, strict=True):
        kind = if_so if so else if_not
        counts.setdefault(axes, Counter())[kind] += 1
        if kind == "wrong":
            wrong.append(f"{axes}: {at} {'runs' if so else 'fails'}")
    return {
        "name": name,
        "counts": counts,
        "says": {axis.place: str(axis.said) for axis in found.axes},
        "wrong": wrong,
        "proven": str(found.proof),
        "export": export,
        "sizes": derived,
    }


def _trials(found: Any, most: int, batches: int, sizes: int) -> Iterator[tuple[str, dict[str, int], tuple[str, str]]]:
    """What is run: the axes, the sizes of all, and what it counts as where it works, and where it does not."""
    from shapetrace.proof import edges

    grouped = {place for places in found.equal for place in places}
    alone = [(axis.place,) for axis in found.axes if not axis.fixed_by_spec and axis.place not in grouped]
    other = "undecided" if any(axis.undecided for axis in found.axes) else "wrong"
    for places in (*found.equal, *alone):
        axis = found.axis(places[0])
        beside = edges._edges(axis.pattern)
        usual = [size for size in (*range(1, (most if axis.axis else batches) + 1), *(_LARGE if axis.axis else ()))]
        chosen = random.Random(0).sample(usual, sizes) if 0 < sizes < len(usual) else usual
        for size in sorted({*beside, *chosen}):
            taken, filled = size in axis.pattern, size in axis.filled
            kinds = ("exact", other) if taken else (other if filled else "empty", "exact")
            yield " ".join(places), {**found.at, **dict.fromkeys(places, size)}, kinds
    for trial in edges.one_alone(found):
        yield "one of equal axes at 1", trial.sizes, ("exact", "wrong") if trial.taken else ("wrong", "exact")


def measured(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What some work in a fork returns, the seconds of the processor, and the megabytes that the fork held at most."""

    def measuring(writing: int) -> None:
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)  # processes that nobody waits for are counted too
        returned, failed = None, ""
        try:
            returned = work()
        except Exception as error:
            failed = f"{type(error).__name__}: {error}"
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump((failed, returned, sum(os.times()[:4]), held), pipe)

    with _forked(measuring) as reading, os.fdopen(os.dup(reading), "rb") as pipe:
        content = pipe.read()
    failed, *answer = pickle.loads(content) if content else ("its process died", None, 0.0, 0.0)
    if failed:
        raise RuntimeError(failed)
    returned, seconds, megabytes = answer
    return returned, seconds, megabytes


def outcomes(work: Callable[[Any], bool], trials: Sequence[Any]) -> list[bool]:
    """What each trial comes to, in forks: one that dies or hangs comes to False, and another fork goes on after it."""
    found: list[bool] = []
    while len(found) < len(trials):
        found += _in_a_fork(work, trials[len(found) :])
        if len(found) < len(trials):
            found.append(False)
    return found


def _in_a_fork(work: Callable[[Any], bool], trials: Sequence[Any]) -> Iterator[bool]:
    """What the first trials come to, up to the one that the fork dies or hangs at."""

    def trying(writing: int) -> None:
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        most = _MEMORY if hard < 0 else min(hard, _MEMORY)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
        for trial in trials:
            os.write(writing, b"1" if work(trial) else b"0")

    with _forked(trying) as reading:
        while select.select([reading], [], [], _SECONDS)[0] and (letter := os.read(reading, 1)):
            yield letter == b"1"


@contextlib.contextmanager
def _forked(work: Callable[[int], None]) -> Iterator[int]:
    """Where comes out what some work in a fork writes. On the way out it is ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        for number in (signal.SIGSEGV, signal.SIGFPE, signal.SIGABRT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)  # Paddle's would print a stack
        try:
            work(writing)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(0)
    os.close(writing)
    try:
        yield reading
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)


def built(name: str) -> Any:
    """A model by its name, and its input spec."""
    import paddle

    import sized_models
    import sized_ops
    import sized_spellings
    from shapetrace.cli import factory

    ours = {**sized_models.MODELS, **sized_spellings.MODELS, **sized_ops.MODELS}
    if name in ours:
        return ours[name]()
    if name.endswith(".yml"):
        return _detector(name)
    if ":" in name:
        return factory.built(name)
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


def inputs(spec: Any, at: dict[str, int]) -> list[Any]:
    """Tensors of sizes, structured as the spec is."""
    import paddle

    if isinstance(spec, (list, tuple)):
        return [inputs(each, at) for each in spec]
    if isinstance(spec, dict):
        found = {name: inputs(each, at) for name, each in spec.items()}
        if "im_shape" in found:  # of a detector: the size of its image
            found["im_shape"] = paddle.ones_like(found["im_shape"]) * paddle.to_tensor(
                found["image"].shape[2:], "float32"
            )
        if "scale_factor" in found:
            found["scale_factor"] = paddle.ones_like(found["scale_factor"])
        return found
    if not hasattr(spec, "shape"):
        return spec
    shape = [at.get(f"{spec.name}[{axis}]", size) for axis, size in enumerate(spec.shape)]
    whole = spec.dtype in (paddle.int32, paddle.int64)
    return paddle.randint(0, 2, shape, spec.dtype) if whole else paddle.rand(shape).astype(spec.dtype)


def outcome(layer: Any, loaded: Any, spec: Any, at: dict[str, int]) -> str:
    """What a model and its export do at sizes: the `same`, or one that `differs`; or the `model` fails, or its `export`."""
    import paddle

    given = inputs(spec, at)
    fed = [each for each in paddle.utils.flatten(given) if isinstance(each, paddle.Tensor)]
    names = [each.name for each in paddle.utils.flatten(spec) if hasattr(each, "shape")]
    wanted = [each.name for each in loaded._input_spec()]
    if len(wanted) < len(fed):  # the export leaves out what it does not use
        fed = [tensor for name, tensor in zip(names, fed, strict=True) if name in wanted]
    try:
        expected = paddle.utils.flatten(layer(*given))
    except Exception:
        return "model"
    try:
        got = paddle.utils.flatten(loaded(*fed))
    except Exception:
        return "export"
    return "same" if all(map(_alike, expected, got)) else "differs"


def _alike(a: Any, b: Any) -> bool:
    import paddle

    shapes = list(a.shape) == list(b.shape)
    return shapes and bool(paddle.allclose(a.astype("float32"), b.astype("float32"), 1e-3, 1e-4, True))


def child(work: Callable[[], dict[str, Any]], seconds: int) -> dict[str, Any]:
    """What some work in a fork returns, its output thrown away; `died` says why that is nothing.

    Args:
        work: The work.
        seconds: The most it may take.
    """

    def telling(writing: int) -> None:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        try:
            found = work()
        except Exception as error:
            found = {"died": (str(error) or type(error).__name__).splitlines()[0]}
        os.write(writing, json.dumps(found).encode())

    content, until = b"", time.monotonic() + seconds
    with _forked(telling) as reading:
        while select.select([reading], [], [], max(until - time.monotonic(), 0))[0] and (
            part := os.read(reading, 1 << 20)
        ):
            content += part
    if content:
        answer: dict[str, Any] = json.loads(content)
        return answer
    return {"died": "its process died" if time.monotonic() < until else f"{seconds} s were not enough"}


def prepare() -> None:
    """Import once what all forks need, of this checkout and with one thread."""
    os.environ |= {"GLOG_minloglevel": "2", "OMP_NUM_THREADS": "1"}
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]
    import paddle  # noqa: F401 - so that forks have it

    import shapetrace.proof.dynamic  # noqa: F401 - the same


_HEAD = """| model | axis | sizes | tried | exact | empty | undecided | wrong | one export | `sizes` |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


def _rows(found: dict[str, Any]) -> Iterator[str]:
    """A row of Markdown for each axis; what the model costs stands in its first."""
    cost = [f"{seconds:.1f} s, {size:.0f} MB" for seconds, size in (found["export"], found["sizes"])]
    name = found["name"]
    for axes, counts in found["counts"].items():
        says = found["says"].get(axes.split(" ")[0], "")
        cells = [name, axes, says, sum(counts.values()), *(counts.get(kind, 0) for kind in KINDS), *cost]
        yield f"| {' | '.join(map(str, cells))} |"
        name, cost = "", ["", ""]


def main() -> None:
    """Run the models, and print their rows and the sums."""
    prepare()
    import sized_models
    import sized_ops
    import sized_spellings

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--factory", action="append", default=[], metavar="MODULE:FUNCTION")
    parser.add_argument("--most", type=int, default=200, metavar="SIZE")
    parser.add_argument("--batches", type=int, default=200, metavar="SIZE")
    parser.add_argument("--sizes", type=int, default=0, metavar="N")
    parser.add_argument("--seconds", type=int, default=900, metavar="S")
    parser.add_argument("--markdown", action="store_true", help="a row for each axis")
    given = parser.parse_args()
    ours = (*sized_models.MODELS, *sized_spellings.MODELS, *sized_ops.MODELS, *FACTORIES, *VISION)
    total, models = Counter[str](), 0
    if given.markdown:
        print(_HEAD)
    for name in (*given.models, *given.factory) or ours:
        found = child(partial(counted, name, given.most, given.batches, given.sizes), given.seconds)
        if "died" in found:
            print(f"{name}: {found['died']}", flush=True)
            continue
        models += 1
        for counts in found["counts"].values():
            total.update(counts)
        if not given.markdown:
            print(name, found["proven"], *(f"{k} {v}" for k, v in found["says"].items()), sep="\n    ")
        print(*_rows(found), sep="\n")
        print(
            *(f"{name}: {wrong}" for wrong in found["wrong"]), sep="\n", end="\n" if found["wrong"] else "", flush=True
        )
    print(f"{models} models, {total.total()} sizes: {', '.join(f'{total[kind]} {kind}' for kind in KINDS)}")


if __name__ == "__main__":
    main()
