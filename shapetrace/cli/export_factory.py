"""Exports the model of a factory, for `shapetrace sweep`: a script for `shapetrace run -m shapetrace.cli.export_factory`.

It tells how far it has come in a file, so that it is known even where the process dies.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import msgspec

from shapetrace import atomic_write
from shapetrace.cli import factory as factories
from shapetrace.errors import ShapetraceError
from shapetrace.said import Sentence, of_error

STAGE = "stage.json"


def main(factory: str, unknown: str, folder: str) -> int:
    """Export a model.

    Args:
        factory: `MODULE:FACTORY`.
        unknown: `batch`, `all`, or nothing to take the spec as it is given.
        folder: Where to export to, and to tell of it.
    """
    told = Path(folder) / STAGE
    _tell(told, "build")
    try:
        layer, spec = _built(factory)
    except ShapetraceError as error:
        _tell(told, "build", says=of_error(error))
        print(error, file=sys.stderr)
        return 1
    import paddle

    from shapetrace.verify.dygraph import evaluating
    from shapetrace.verify.unknown import UNKNOWNS, opened

    which = next((each for each in UNKNOWNS if each == unknown), None)
    _tell(told, "export")
    began = time.process_time()
    with evaluating(layer):
        paddle.jit.save(layer, f"{folder}/model", input_spec=list(spec) if which is None else opened(spec, which))
    _tell(told, "verify", seconds=time.process_time() - began)
    return 0


def _built(factory: str) -> tuple[object, list[object]]:
    """The model, with weights that are drawn alike each time."""
    import paddle

    paddle.seed(0)
    layer, spec = factories.built(factory)
    return layer, list(spec)


def _tell(file: Path, stage: str, *, seconds: float = 0.0, says: Sentence = "") -> None:
    atomic_write.write(file, msgspec.json.encode({"stage": stage, "export": seconds, "says": says}))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
