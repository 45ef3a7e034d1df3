"""What a watch costs an export that people make: models plain and watched, in processes of their own, and the ratios.

    python benchmarks/exports.py [MODEL ...] [--unknown batch|sizes] [--repeat N] [--markdown FILE] [--detection DIRECTORY] [--recorder]

MODEL is a constructor of `paddle.vision.models`, or a configuration of PaddleDetection such as `yolov3/yolov3_darknet53_270e_coco.yml`;
without any, all those below are. Each is exported with its batch unknown and with all its sizes unknown. Configurations need a checkout of
PaddleDetection, which `--detection` or the environment variable `SHAPETRACE_DETECTION` names, and what it imports; they are
left out with a sentence where there is none.

Counted is what happens between the model being built and its export being over, closing the watch included and `import shapetrace` not:
wall time; CPU time of the process and of all that it starts; and the peak of the memory of all of them together, where memory that
processes share counts once. An export that fails is counted up to its exception.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import ctypes
import gc
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

VISION = (
    "alexnet",
    "densenet121",
    "googlenet",
    "inception_v3",
    "mobilenet_v1",
    "mobilenet_v3_small",
    "resnet18",
    "resnet50",
    "resnext50_32x4d",
    "shufflenet_v2_x1_0",
    "squeezenet1_1",
    "vgg16",
)
DETECTION = (
    "yolov3/yolov3_darknet53_270e_coco.yml",
    "yolox/yolox_s_300e_coco.yml",
    "ppyolo/ppyolov2_r50vd_dcn_365e_coco.yml",
    "ppyoloe/ppyoloe_crn_s_300e_coco.yml",
    "picodet/picodet_s_320_coco_lcnet.yml",
    "ssd/ssd_vgg16_300_240e_voc.yml",
    "retinanet/retinanet_r50_fpn_1x_coco.yml",
    "fcos/fcos_r50_fpn_1x_coco.yml",
    "gfl/gfl_r50_fpn_1x_coco.yml",
    "tood/tood_r50_fpn_1x_coco.yml",
    "ttfnet/ttfnet_darknet53_1x_coco.yml",
    "centernet/centernet_r50_140e_coco.yml",
    "faster_rcnn/faster_rcnn_r50_fpn_1x_coco.yml",
    "cascade_rcnn/cascade_rcnn_r50_fpn_1x_coco.yml",
    "mask_rcnn/mask_rcnn_r50_fpn_1x_coco.yml",
    "solov2/solov2_r50_fpn_1x_coco.yml",
    "detr/detr_r50_1x_coco.yml",
    "deformable_detr/deformable_detr_r50_1x_coco.yml",
    "dino/dino_r50_4scale_1x_coco.yml",
    "rtdetr/rtdetr_r18vd_6x_coco.yml",
    "rtdetrv2/rtdetrv2_r18vd_120e_coco.yml",
    "keypoint/tiny_pose/tinypose_128x96.yml",
    "keypoint/hrnet/hrnet_w32_256x192.yml",
    "keypoint/higherhrnet/higherhrnet_hrnet_w32_512.yml",
)
SIZES = {
    "tinypose_128x96": (128, 96),
    "hrnet_w32_256x192": (256, 192),
    "picodet_s_320": (320, 320),
    "ssd_vgg16_300": (300, 300),
}
"""Height and width of inputs, by how the configuration's name begins."""

UNKNOWN = ("batch", "sizes")
INTERVAL = 0.1  # seconds between two looks at the memory
LONGEST = 600  # seconds that an export may take
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


class Cost(NamedTuple):
    """What an export took."""

    wall: float
    cpu: float
    memory: float
    outcome: str


# In the process that exports


def build(name: str, unknown: str) -> tuple[Any, list[Any]]:
    """A model and its spec."""
    import paddle
    from paddle.static import InputSpec

    if not name.endswith(".yml"):
        height, width = (224, 224) if unknown == "batch" else (-1, -1)
        return getattr(paddle.vision.models, name)(), [InputSpec([-1, 3, height, width], "float32", name="image")]
    root = os.environ["SHAPETRACE_DETECTION"]
    sys.path.insert(0, root)
    from ppdet.core.workspace import create, load_config

    settings = load_config(os.path.join(root, "configs", name))
    settings["weights"] = settings["pretrain_weights"] = None
    stem = Path(name).stem
    height, width = next((size for start, size in SIZES.items() if stem.startswith(start)), (640, 640))
    if unknown == "sizes":
        height = width = -1
    inputs = {
        "image": InputSpec([-1, 3, height, width], "float32", name="image"),
        "im_shape": InputSpec([-1, 2], "float32", name="im_shape"),
        "scale_factor": InputSpec([-1, 2], "float32", name="scale_factor"),
    }
    return create(settings.architecture), [inputs]


def watch(watched: bool, recorder: bool) -> Any:
    """What to export in: nothing, a watch, or one that tells a recorder what `shapetrace run` would be told."""
    import shapetrace
    from shapetrace.black_box import BlackBox

    if not (watched or recorder):
        return contextlib.nullcontext()
    opened = shapetrace.watch()
    if watched and recorder:
        opened.black_box = BlackBox()
        opened.black_box.take()
    return opened


def export(name: str, unknown: str, watched: bool, recorder: bool) -> dict[str, Any]:
    """Export once, and tell what this process took for it and what became of it."""
    warnings.simplefilter("ignore")
    import paddle

    import shapetrace  # noqa: F401  as a script does, before it begins

    paddle.seed(0)
    layer, spec = build(name, unknown)
    layer.eval()
    gc.collect()
    outcome = "exported"
    with tempfile.TemporaryDirectory() as directory:
        began = time.perf_counter(), _cpu()
        try:
            with watch(watched, recorder) as trace:
                paddle.jit.save(paddle.jit.to_static(layer, input_spec=spec, full_graph=True), f"{directory}/model")
        except Exception as error:
            outcome = type(error).__name__
        wall, cpu = time.perf_counter() - began[0], _cpu() - began[1]
    told = {"wall": wall, "cpu": cpu, "outcome": outcome}
    if watched and trace is not None:
        told["said"] = [conversion.symbolic_error for conversion in trace.conversions] + trace.notes
    return told


def _cpu() -> float:
    """CPU seconds of this process and of its children that have ended and were waited for."""
    usages = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


# In the process that measures


def measure(name: str, unknown: str, watched: bool, recorder: bool) -> tuple[Cost, list[str]]:
    """The cost of one export, and what the trace says of symbolic shapes."""
    flags = [flag for flag, on in (("--watched", watched), ("--recorder", recorder)) if on]
    command = [sys.executable, __file__, name, "--unknown", unknown, "--export", *flags]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
        peak, orphans = _attend(process)
        output.seek(0)
        told = [json.loads(line) for line in output if line.startswith("{")]
    if not told:
        return Cost(float("nan"), float("nan"), peak, f"died ({process.returncode})"), []
    return Cost(told[-1]["wall"], told[-1]["cpu"] + orphans, peak, told[-1]["outcome"]), told[-1].get("said", [])


def _attend(process: subprocess.Popen[Any]) -> tuple[float, float]:
    """Wait for a process and for all that it leaves behind: the peak of their memory (MB), and the CPU time of those left behind."""
    peak, orphans, until = 0.0, 0.0, time.monotonic() + LONGEST
    while process.returncode is None or _descendants(os.getpid()):
        peak = max(peak, sum(map(_memory, _descendants(os.getpid()))))
        if time.monotonic() > until:
            for number in _descendants(os.getpid()):
                with contextlib.suppress(OSError):
                    os.kill(number, signal.SIGKILL)
        number, status, usage = _ended()
        if number == process.pid:
            process.returncode = os.waitstatus_to_exitcode(status)
        elif number:
            orphans += usage.ru_utime + usage.ru_stime
        else:
            time.sleep(INTERVAL)
    return peak, orphans


def _ended() -> tuple[int, int, Any]:
    try:
        return os.wait4(-1, os.WNOHANG)
    except ChildProcessError:
        return 0, 0, None


def _descendants(root: int) -> list[int]:
    """The processes that come of one, itself left out."""
    parents: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found = list(parents.get(root, ()))
    for number in found:
        found += parents.get(number, ())
    return found


def _memory(number: int) -> float:
    """MB that a process has, what it shares counted in part (`Pss`)."""
    try:
        rollup = Path(f"/proc/{number}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0.0)


def rows(names: Sequence[str], unknown: Sequence[str], repeat: int, recorder: bool) -> Iterator[dict[str, Any]]:
    """For each model and each kind of spec: the costs of both, and their ratios in each pair."""
    for name in names:
        for kind in unknown:
            pairs = []
            for number in range(repeat):
                order = (False, True) if number % 2 == 0 else (True, False)
                costs = {watched: measure(name, kind, watched, recorder) for watched in order}
                pairs.append((costs[False][0], costs[True][0]))
                said = [sentence for sentence in costs[True][1] if sentence]
            ratios = {
                what: [getattr(watched, what) / getattr(plain, what) for plain, watched in pairs]
                for what in ("wall", "cpu", "memory")
            }
            plain, watched = pairs[0]
            outcome = (
                plain.outcome if plain.outcome == watched.outcome else f"{plain.outcome}, watched {watched.outcome}"
            )
            yield {"name": name, "unknown": kind, "plain": plain, "ratios": ratios, "outcome": outcome, "said": said}


def line(row: dict[str, Any]) -> str:
    """A row of the table."""
    cells = [_short(row["name"]), row["unknown"], f"{row['plain'].wall:.2f} s", f"{row['plain'].memory:.0f} MB"]
    cells += [_spread(row["ratios"][what]) for what in ("wall", "cpu", "memory")]
    return f"| {' | '.join([*cells, row['outcome']])} |"


def summary(table: Sequence[dict[str, Any]]) -> list[str]:
    """Median and extremes over all rows, of the median of each."""
    lines = []
    for what, label in (
        ("wall", "wall time"),
        ("cpu", "CPU time of all processes"),
        ("memory", "peak memory of all processes"),
    ):
        ratios = [
            statistics.median(row["ratios"][what]) for row in table if row["ratios"][what][0] == row["ratios"][what][0]
        ]
        if ratios:
            lines.append(
                f"{label}: median {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}"
            )
    return lines


HEAD = """| model | unknown | plain | memory | wall time | CPU time | memory | |
| --- | --- | --- | --- | --- | --- | --- | --- |"""


def _short(name: str) -> str:
    return Path(name).stem if name.endswith(".yml") else name


def _spread(ratios: Sequence[float]) -> str:
    middle = f"{statistics.median(ratios):.2f}"
    return middle if len(ratios) == 1 else f"{middle} ({min(ratios):.2f}-{max(ratios):.2f})"


def _names(asked: Sequence[str], detection: str) -> Iterable[str]:
    for name in asked or (*VISION, *DETECTION):
        if not name.endswith(".yml"):
            yield name
        elif not detection:
            print(f"{name} is left out: SHAPETRACE_DETECTION names no checkout of PaddleDetection", file=sys.stderr)
        elif not Path(detection, "configs", name).exists():
            print(f"{name} is left out: this checkout of PaddleDetection has no such configuration", file=sys.stderr)
        else:
            yield name


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--unknown", choices=UNKNOWN, help="one kind of spec only")
    parser.add_argument("--repeat", type=int, default=1, help="pairs of exports of each")
    parser.add_argument("--markdown", type=Path, help="write the table to this file too")
    parser.add_argument("--detection", default=os.environ.get("SHAPETRACE_DETECTION", ""))
    parser.add_argument(
        "--recorder", action="store_true", help="compare a watch that tells a recorder with one that does not"
    )
    parser.add_argument("--export", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--watched", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ["SHAPETRACE_DETECTION"] = options.detection
    if options.export:
        print(json.dumps(export(options.models[0], options.unknown, options.watched, options.recorder)), flush=True)
        return
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(Path(__file__).parents[1] / "shapetrace", quiet=1)  # as pip does at an installation
    compileall.compile_dir(Path(__file__).parents[1] / "plugins", quiet=1)
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)  # what an export leaves behind becomes ours, to be counted
    table, lines = [], [HEAD]
    print(HEAD, flush=True)
    for row in rows(
        list(_names(options.models, options.detection)),
        [options.unknown] if options.unknown else UNKNOWN,
        options.repeat,
        options.recorder,
    ):
        table.append(row)
        lines.append(line(row))
        print(lines[-1], *(f"  {sentence[:200]}" for sentence in row["said"]), sep="\n", flush=True)
    lines += ["", *summary(table)]
    print("\n".join(lines[len(table) + 1 :]))
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
