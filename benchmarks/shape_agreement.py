"""Whether Paddle's symbolic pass and shapes inferred at several sizes agree, over all models at hand (Paddle 3.x).

    PYTHONPATH=tests:examples/rtdetrv2 python benchmarks/shape_agreement.py [vision] [twins] [healthy] [example]

Each model is converted in a forked process of its own under `shapetrace.watch(check_shapes=True)`. Prints a row a group, and a
sentence for each dim that differs.
"""

from __future__ import annotations

import argparse
import collections
import importlib
import pkgutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
import paddle
from paddle.static import InputSpec

import forked
import shapetrace
from shapetrace.capture.shapes import agreement

VISION = [
    "alexnet",
    "vgg11",
    "resnet18",
    "resnet50",
    "resnext50_32x4d",
    "wide_resnet50_2",
    "densenet121",
    "googlenet",
    "inception_v3",
    "mobilenet_v1",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "mobilenet_v3_large",
    "shufflenet_v2_x1_0",
    "squeezenet1_0",
]
Model = Callable[[], tuple[Any, Any]]
"""Gives a layer and its spec."""


def vision() -> Iterator[tuple[str, Model]]:
    """Constructors of `paddle.vision.models`, with batch, height and width unknown."""
    for name in VISION:
        size = 224 if name.startswith("shufflenet") else -1  # Paddle cannot convert that one with unknown sizes
        spec = [InputSpec([-1, 3, size, size], "float32", name="image")]
        yield name, lambda name=name, spec=spec: (getattr(paddle.vision.models, name)(), spec)


def twins() -> Iterator[tuple[str, Model]]:
    """The healthy twins of `tests/models`."""
    for folder in ("models", "models.reported"):
        package = importlib.import_module(folder)
        for module in pkgutil.iter_modules(package.__path__):
            if hasattr(importlib.import_module(f"{folder}.{module.name}"), "healthy"):
                yield module.name, partial(_twin, f"{folder}.{module.name}")


def _twin(module: str) -> tuple[Any, Any]:
    layer, spec = importlib.import_module(module).healthy()
    return layer, spec


def healthy() -> Iterator[tuple[str, Model]]:
    """The transformers of `tests/healthy`."""
    export = importlib.import_module("healthy.export")
    for name in ("Encoder", "Looping"):
        spec = [InputSpec([-1, -1], "int64", name="tokens")]
        yield name, lambda name=name, spec=spec: (getattr(export, name)(), spec)


def example() -> Iterator[tuple[str, Model]]:
    """The detector of `examples/rtdetrv2`, with the remedy `callables`."""
    decoder = importlib.import_module("decoder")
    for sampling in ("default", "discrete"):
        spec = [InputSpec([-1, 3, 128, 128], "float32", name="image")]
        yield sampling, lambda sampling=sampling, spec=spec: (decoder.Detector(128, sampling), spec)


GROUPS = {"vision": vision, "twins": twins, "healthy": healthy, "example": example}


def checked(model: Model, remedies: tuple[str, ...]) -> dict[str, Any]:
    """Convert a model under a watch that checks, and tell what it found."""
    found: list[agreement.Agreement] = []
    check = agreement.check
    agreement.check = lambda *args: found.append(check(*args)) or found[-1]  # type: ignore[func-returns-value]
    layer, spec = model()
    layer.eval()
    start = time.perf_counter()
    error = ""
    with shapetrace.watch(check_shapes=True, remedies=remedies) as trace:
        try:
            static = paddle.jit.to_static(layer, input_spec=spec, full_graph=True)
            _ = static.forward.concrete_program.main_program
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
    return {
        "found": msgspec.to_builtins(found),
        "seconds": time.perf_counter() - start,
        "error": error[:200],
        "gave up": [conversion.symbolic_error for conversion in trace.conversions if conversion.symbolic_error],
        "notes": [note for note in trace.notes if "could not" in note],
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", default=list(GROUPS))
    for group in parser.parse_args().groups:
        total, count, seconds = agreement.Agreement(), 0, 0.0
        opaque: collections.Counter[str] = collections.Counter()
        for name, model in GROUPS[group]():
            told = forked.ask(partial(checked, model, ("callables",) if group == "example" else ()))
            if "died" in told:
                print(f"  {group} {name} died: {told['died']}", flush=True)
                continue
            count += 1
            seconds += told["seconds"]
            for one in msgspec.convert(told["found"], list[agreement.Agreement]):
                total.agree += one.agree
                opaque.update(one.opaque)
                total.missing += one.missing
                total.failed += one.failed
                total.differ += one.differ
                for sentence in one.differ:
                    print(f"  {group} {name}: {sentence}", flush=True)
                if one.missing or one.failed:
                    print(f"  {group} {name}: missing {one.missing}, failed {one.failed}", flush=True)
            for sentence in (told["error"], *told["gave up"], *told["notes"]):
                if sentence:
                    print(f"  {group} {name}: {sentence}", flush=True)
        print(
            f"| {group} | {count} | {total.agree} | {opaque.total()} | {len(total.differ)} | {total.missing} | {seconds:.0f} s |",
            flush=True,
        )
        print(f"  opaque: {dict(opaque.most_common())}", flush=True)


if __name__ == "__main__":
    main()
