"""Whether the NMS of a detector keeps other boxes in Paddle Inference because of rounding alone.

    python benchmarks/nms_rounding.py MODULE:FACTORY

The export is cut before its NMS, and that part is run by Paddle Inference, with oneDNN, and by Paddle's plain executor. Printed are how far apart
boxes and scores are, how many scores have another one within that, and whether Paddle's plain NMS, given what oneDNN computed, gives exactly what the
whole export does in Paddle Inference. If it does, all that differs has come from the operands.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy
import paddle

from shapetrace.cli import factory
from shapetrace.verify import pieces
from shapetrace.verify import sizes as choosing
from shapetrace.verify.dygraph import random_arrays
from shapetrace.verify.engines.inference import Inference

NMS = "pd_op.multiclass_nms3"
ATTRIBUTES = (
    *("score_threshold", "nms_top_k", "keep_top_k", "nms_threshold"),
    *("normalized", "nms_eta", "background_label"),
)


def served(path: str, arrays: dict[str, Any]) -> list[Any]:
    """What Paddle Inference gives, as it is deployed."""
    session = Inference().load(Path(path), "")
    return list(session.run({name: arrays[name] for name in session.inputs()}))


def compare(path: str, arrays: dict[str, Any]) -> None:
    """Print what comes of one choice of sizes."""
    with pieces.opened(path, arrays) as program:
        nms = next(index for index, (name, _) in enumerate(program.named) if name == NMS)
        before = max(cut for cut in program.cuts() if cut < nms)
        slots = program.save(before, f"{path}-before")
        plain = program.run(before, slots)
        wanted = [slots.index((maker, 0)) for maker in program.makers(nms)[:2]]
        attributes = [program.ops[nms].attrs()[name] for name in ATTRIBUTES]
    came = served(f"{path}-before", arrays)
    for what, place in zip(("boxes", "scores"), wanted, strict=True):
        gap = numpy.abs(plain[place] - came[place]).max()
        print(f"  {what} up to {numpy.abs(plain[place]).max():.6g} differ by {gap:.3g} at most")
    scores = numpy.sort(plain[wanted[1]].reshape(-1))
    near = int((numpy.diff(scores) <= gap).sum())
    print(f"  {near} of {scores.size} scores have the next one as near as that")
    given = [paddle.to_tensor(came[place]) for place in wanted]
    boxes, _, count = paddle._C_ops.multiclass_nms3(*given, None, *attributes)
    whole = served(path, arrays)
    same = numpy.array_equal(boxes.numpy(), whole[0]) and numpy.array_equal(count.numpy(), whole[1])
    print(f"  plain NMS of what oneDNN computed is {'exactly' if same else 'NOT'} what Paddle Inference gives")


def main(model: str) -> None:
    """Run from the command line."""
    layer, spec = factory.built(model)
    layer.eval()
    specs = choosing.specs([each for each in paddle.utils.flatten(list(spec)) if choosing.is_input(each)], None)
    with tempfile.TemporaryDirectory() as directory:
        paddle.jit.save(layer, f"{directory}/model", input_spec=list(spec))
        for seed, sizes in enumerate(choosing.choose(specs, None)):
            arrays = random_arrays(specs, sizes, seed)
            print(", ".join(f"{name}={size}" for name, size in sizes.items()))
            compare(f"{directory}/model", {spec.name: array for spec, array in zip(specs, arrays, strict=True)})


if __name__ == "__main__":
    main(*sys.argv[1:])
