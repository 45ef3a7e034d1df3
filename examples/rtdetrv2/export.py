"""Export the detector of decoder.py for inference, its batch size left unknown. It fails: that is the example."""

from __future__ import annotations

import argparse

import paddle
from decoder import Detector


def main() -> None:
    """Parse the command line, build the detector and export it."""
    parser = argparse.ArgumentParser(description="Export the detector with an unknown batch size.")
    parser.add_argument("--sampling", choices=["default", "discrete"], default="default", help="how levels are sampled")
    parser.add_argument("--size", type=int, default=128, help="height and width of the image, a multiple of 32")
    parser.add_argument("--output", default="output/detector", help="where to write, without an ending")
    arguments = parser.parse_args()

    paddle.seed(0)
    detector = Detector(arguments.size, arguments.sampling)
    detector.eval()
    spec = [paddle.static.InputSpec([-1, 3, arguments.size, arguments.size], "float32", name="image")]
    static = paddle.jit.to_static(detector, input_spec=spec, full_graph=True)
    paddle.jit.save(static, arguments.output)
    print(f"exported to {arguments.output}")


if __name__ == "__main__":
    main()
