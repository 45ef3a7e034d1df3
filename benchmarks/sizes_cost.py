"""What `shapetrace sizes` costs beside one plain export of the same model: processor time and memory.

    python benchmarks/sizes_cost.py [MODEL ...]

MODEL is as in `sizes_by_brute_force.py`. Each row is three processes: an export, the sizes derived, and the sizes proven by running. Times
are seconds of the processor without importing Paddle, and without the processes that run one size each; memory is the most that the process held.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODELS = ("pyramid of 5, concat", "encoder", "resnet18", "mobilenet_v3_small", "densenet121")
KINDS = ("export", "derived", "proven")


def cost(name: str, kind: str) -> tuple[float, float]:
    """The seconds and megabytes of one kind of work on a model."""
    import resource

    import paddle
    import sizes_by_brute_force as brute

    import shapetrace

    layer, spec = brute.built(name)
    layer.eval()
    before = os.times()
    if kind == "export":
        with tempfile.TemporaryDirectory() as directory:
            paddle.jit.save(layer, f"{directory}/model", input_spec=spec)
    else:
        shapetrace.sizes(layer, spec, prove=kind == "proven")
    seconds = sum(after - start for after, start in zip(os.times()[:4], before[:4], strict=True))
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _child(name: str, kind: str) -> tuple[float, float]:
    folders = [str(ROOT / "benchmarks"), str(ROOT / "tests"), str(ROOT)]
    code = f"import sys; sys.path[:0] = {folders}; import json, sizes_cost; print('\\n@' + json.dumps(sizes_cost.cost({name!r}, {kind!r})))"
    environment = {**os.environ, "GLOG_minloglevel": "2", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("@"))
    seconds, megabytes = json.loads(line[1:])
    return seconds, megabytes


def main() -> None:
    """Print a row for each model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    print("| model | export | derived | proven |\n| --- | --- | --- | --- |")
    for name in parser.parse_args().models or MODELS:
        cells = [f"{seconds:.1f} s, {size:.0f} MB" for seconds, size in (_child(name, kind) for kind in KINDS)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
