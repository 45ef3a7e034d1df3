"""What engines make of exports: models x engines x sizes, each failure with its op, its line and what is said of it.

    python benchmarks/served.py [MODEL ...] [--factory MODULE:FUNCTION]... [--engine NAME]... [--results FILE] [--markdown FILE]

MODEL is a constructor of `paddle.vision.models`, or a small model of `tests/models` as `models.sum_to_expand:healthy`; without any model or factory, the
vision models below and all healthy twins are. A factory is any other model, given as `shapetrace verify` takes it. Each is verified in a process of its own by
`shapetrace verify --json`, at the sizes that it chooses. Results are kept in a file as JSON, a line a model, and models that are in it are not run
again. `--engine jit.load` alone tells what the others cost.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
VISION = (
    *("alexnet", "densenet121", "googlenet", "inception_v3", "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large"),
    *("mobilenet_v3_small", "resnet18", "resnet50", "resnext50_32x4d", "shufflenet_v2_x0_25", "shufflenet_v2_x1_0"),
    *("squeezenet1_0", "squeezenet1_1", "vgg11", "wide_resnet50_2"),
)
ENGINES = ("inference", "onnxruntime", "openvino")
_SECONDS = 1800
_LONGEST = 400
_ROUNDED = "rounds to fewer bits"


def __getattr__(name: str) -> Callable[[], Any]:
    """The factory of a vision model: `served.py:resnet18`."""
    if name not in VISION:
        raise AttributeError(name)
    return lambda: _vision(name)


def _vision(name: str) -> Any:
    import paddle
    from paddle.static import InputSpec

    paddle.seed(0)
    return getattr(paddle.vision.models, name)(), [InputSpec([-1, 3, -1, -1], "float32", name="image")]


def twins() -> list[str]:
    """The healthy twins of the small models."""
    paths = sorted((ROOT / "tests" / "models").glob("*.py"))
    return [f"models.{path.stem}:healthy" for path in paths if "def healthy(" in path.read_text(encoding="utf-8")]


def measured(model: str, engines: Sequence[str]) -> dict[str, Any]:
    """What `verify` says of one model, and how long that took."""
    factory = f"{__file__}:{model}" if model in VISION else model
    options = [part for engine in engines for part in ("--engine", engine)]
    command = [sys.executable, "-m", "shapetrace", "verify", "--json", *options, factory]
    path = os.pathsep.join([str(ROOT), str(ROOT / "plugins"), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    started, used = time.perf_counter(), _cpu()
    try:
        done = subprocess.run(
            command,
            cwd=ROOT / "tests",
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"model": model, "error": f"not done after {_SECONDS} s"}
    seconds = round(time.perf_counter() - started, 1)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return {"model": model, "code": done.returncode, "error": (done.stderr.strip().splitlines() or ["nothing"])[-1]}
    cpu = round(_cpu() - used, 1)
    return {"model": model, "code": done.returncode, "seconds": seconds, "cpu": cpu, "engines": found["engines"]}


def _cpu() -> float:
    """CPU time of all processes that have been waited for, which a busy machine does not change as it does the clock's."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def table(results: Iterable[dict[str, Any]], engines: Sequence[str]) -> str:
    """The results in Markdown: what came of each engine at how many sizes, and below it why and where."""
    rows, reasons = [], []
    for result in results:
        name = _short(result["model"])
        if "error" in result:
            rows.append(f"| {name} | not measured: {_cut(result['error'])} |" + " |" * len(engines))
            continue
        known = {engine["name"]: engine for engine in result["engines"]}
        cells = [_cell(known.get(engine)) for engine in ("jit.load", *engines)]
        rows.append(f"| {name} | {' | '.join(cells)} |")
        reasons += _reasons(name, result["engines"])
    head = f"| model | jit.load | {' | '.join(engines)} |\n|{' --- |' * (len(engines) + 2)}"
    return "\n".join([head, *rows, "", *reasons]) + "\n"


def _short(model: str) -> str:
    """A model without the directory of its file."""
    path, colon, function = model.rpartition(":")
    return f"{Path(path).name}{colon}{function}"


def _cell(engine: dict[str, Any] | None) -> str:
    if engine is None or engine["ok"] is None:
        return "not tried"
    if engine["ok"]:
        return f"same at {len(engine['sizes'])}" + (", rounded" if _ROUNDED in engine["says"] else "")
    says = "differs" if engine["stage"] == "compare" else f"fails ({engine['stage']})"
    return f"**{says}**" + ("" if engine["place"] else ", no op")


def _reasons(name: str, results: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Why engines go wrong; those that say the same of the same op are told of together."""
    together: dict[str, list[str]] = {}
    for engine in results:
        if engine["ok"] is False or engine["place"]:
            together.setdefault(_reason(engine), []).append(engine["name"])
    for reason, engines in together.items():
        yield f"- {name}, {' and '.join(engines)}: {reason}"


def _reason(engine: dict[str, Any]) -> str:
    place = engine["place"] or {}
    where = f"at `{place['op']}`, " if place.get("op") else ""
    if place.get("line"):
        where += f"{Path(place['file']).name}:{place['line']} `{' '.join(place['code'].split())}`"
    elif place.get("layer"):
        where += f"layer `{place['layer']}`"
    return f"{where.removesuffix(', ')}: {_cut(engine['says'])}"


def _cut(text: str) -> str:
    """A text without its middle, where it is long: what to do stands at its end."""
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]} ... {text[-half:]}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--factory", dest="factories", action="append", default=[])
    parser.add_argument("--engine", dest="engines", action="append")
    parser.add_argument("--results", type=Path, default=Path("served.jsonl"))
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args(arguments)
    engines = options.engines or list(ENGINES)
    lines = options.results.read_text().splitlines() if options.results.exists() else []
    known = {each["model"]: each for each in map(json.loads, lines)}
    for model in [*options.models, *options.factories] or [*VISION, *twins()]:
        if model not in known:
            known[model] = measured(model, engines)
            with options.results.open("a") as file:
                file.write(json.dumps(known[model]) + "\n")
        engine_says = [f"{each['name']} {_cell(each)}" for each in known[model].get("engines", [])]
        cost = f"{known[model].get('cpu', '?')} s of CPU time"
        print(model, known[model].get("error", ""), "; ".join([*engine_says, cost]), flush=True)
    if options.markdown is not None:
        options.markdown.write_text(table(known.values(), engines))


if __name__ == "__main__":
    main()
