"""Which sizes a model takes, found by trying. A function stands for the model, so Paddle is not needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from shapetrace.verify import sizes, trials

Takes = Callable[[Mapping[str, int]], bool]


def specs(dims: Any = None, **shapes: list[int]) -> list[sizes.Spec]:
    return sizes.specs(
        [SimpleNamespace(shape=shape, name=name, dtype="float32") for name, shape in shapes.items()], dims
    )


def trying(inputs: list[sizes.Spec], takes: Takes) -> trials.Trials:
    return trials.Trials(inputs, lambda chosen: "" if takes(chosen) else "ValueError: no")


def equal(*names: str) -> Takes:
    return lambda chosen: len({chosen[name] for name in names}) == 1


EQUAL: dict[str, tuple[list[sizes.Spec], Takes, str]] = {
    "a sentence and its mask": (
        specs(ids=[-1, -1], mask=[-1, -1]),
        equal("ids[1]", "mask[1]"),
        "the model wants ids[1] and mask[1] to be equal, as far as was tried; "
        "say so with --dim ids=batch,N --dim mask=batch,N",
    ),
    "two of three": (
        specs(a=[-1, -1], b=[-1, -1, 8], c=[-1, -1]),
        equal("a[1]", "c[1]"),
        "the model wants a[1] and c[1] to be equal, as far as was tried; say so with --dim a=batch,N --dim c=batch,N",
    ),
    "images": (
        specs(a=[-1, 3, -1, -1], b=[-1, 3, -1, -1]),
        lambda chosen: chosen["a[2]"] == chosen["b[2]"] and chosen["a[3]"] == chosen["b[3]"],
        "the model wants a[2] and b[2] to be equal, and a[3] and b[3] to be equal, as far as was tried; "
        "say so with --dim a=batch,3,H,W --dim b=batch,3,H,W",
    ),
    "a square": (
        specs(image=[-1, 3, -1, -1]),
        equal("image[2]", "image[3]"),
        "the model wants image[2] and image[3] to be equal, as far as was tried; say so with --dim image=batch,3,H,H",
    ),
    "a square with the batch": (
        specs(x=[-1, -1]),
        equal("batch", "x[1]"),
        "the model wants batch and x[1] to be equal, as far as was tried; say so with --dim x=batch,batch",
    ),
    "names of the user's": (
        specs({"x": ("B", "L"), "y": ("B", "M")}, x=[-1, -1], y=[-1, -1]),
        equal("L", "M"),
        "the model wants L and M to be equal, as far as was tried; say so with --dim x=B,L --dim y=B,L",
    ),
    "one size only": (specs(image=[-1, 3, -1, -1]), lambda chosen: chosen["image[2]"] == chosen["image[3]"] == 224, ""),
    "large ones": (specs(x=[-1, -1]), lambda chosen: chosen["x[1]"] > 200, ""),
}


@pytest.mark.parametrize(("inputs", "takes", "advice"), EQUAL.values(), ids=EQUAL)
def test_sizes_are_found_that_the_model_takes(inputs: list[sizes.Spec], takes: Takes, advice: str) -> None:
    chosen, groups = trying(inputs, takes).fitting()

    assert any(map(takes, chosen))
    assert str(trials.advice(inputs, groups, {})) == advice


def test_a_model_that_takes_nothing_is_not_run_without_end() -> None:
    runs: list[Mapping[str, int]] = []
    inputs = specs(a=[-1, 3, -1, -1], b=[-1, 3, -1, -1])

    def refusal(chosen: Mapping[str, int]) -> str:
        runs.append(chosen)
        return "ValueError: no"

    assert trials.Trials(inputs, refusal).fitting() == ([], ())
    assert len(runs) <= 40
    assert len({tuple(sorted(each.items())) for each in runs}) == len(runs), "the same sizes were tried again"


def stepping(inputs: list[sizes.Spec], takes: Takes) -> str:
    working = sizes.choose(inputs, None)[1]
    off = sizes.off_stride(inputs, working)
    assert off is not None
    assert takes(working)
    assert not takes(off)
    return str(trials.advice(inputs, (), trying(inputs, takes).steps(off, working, ())))


def test_a_batch_of_images_is_not_made_as_large_as_they_are() -> None:
    tried: list[int] = []
    inputs = specs(image=[-1, 3, -1, -1])
    trials.Trials(inputs, lambda chosen: tried.append(chosen["batch"]) or "ValueError: no").fitting()
    assert len(tried) > 8
    assert max(tried) < 8


@pytest.mark.parametrize("step", [2, 8, 32])
def test_the_step_of_a_stride_is_found(step: int) -> None:
    said = stepping(specs(image=[-1, 3, -1, -1]), lambda chosen: chosen["image[2]"] % step == 0)

    assert said == (
        f"the model wants image[2] to be a multiple of {step}, as far as was tried; "
        f"say so with --dim image=batch,3,H={step}*k,-1"
    )


def test_steps_of_two_axes() -> None:
    said = stepping(specs(x=[-1, -1, -1]), lambda chosen: chosen["x[1]"] % 4 == chosen["x[2]"] % 16 == 0)

    assert said.endswith("x[1] to be a multiple of 4, and x[2] to be a multiple of 16, as far as was tried; "
                         "say so with --dim x=batch,N=4*k,M=16*k")  # fmt: skip


def test_nothing_is_claimed_of_what_no_step_explains() -> None:
    assert stepping(specs(x=[-1, -1]), lambda chosen: chosen["x[1]"] in (64, 96, 128)) == ""


@pytest.mark.parametrize(
    ("dims", "off"),
    [
        (None, 133),
        ({"x": ("B", "N=8*k")}, 136),
        ({"x": ("B", "N=32*k")}, None),
        ({"x": ("B", "N=1..4")}, 4),
        ({"x": ("B", "N=64..64")}, None),
    ],
)
def test_one_size_is_off_the_stride_as_far_as_claims_admit_it(dims: Any, off: int | None) -> None:
    inputs = specs(dims, x=[-1, -1])
    chosen = sizes.off_stride(inputs, {**sizes.choose(inputs, None)[1]})
    name = "N" if dims else "x[1]"
    assert (chosen and chosen[name]) == off


def test_both_ends_of_a_claimed_range_are_run() -> None:
    inputs = specs({"x": ("B=1..8", "N=32*k:300..640", "M")}, x=[-1, -1, -1])
    assert sizes.ends(inputs, {"B": 2, "N": 320, "M": 96}) == [
        {"B": 1, "N": 320, "M": 96},
        {"B": 8, "N": 640, "M": 96},
    ]
    assert sizes.ends(specs({"x": ("B", "N=8*k")}, x=[-1, -1]), {"B": 2, "N": 64}) == []


def test_equal_dims_are_equal_off_the_stride_too() -> None:
    inputs = specs(a=[-1, -1], b=[-1, -1])
    off = sizes.off_stride(inputs, {"batch": 2, "a[1]": 64, "b[1]": 64}, [("a[1]", "b[1]")])
    assert off == {"batch": 2, "a[1]": 69, "b[1]": 69}


def test_only_the_batch_has_no_stride() -> None:
    assert sizes.off_stride(specs(x=[-1, 3, 64, 64]), {"batch": 2}) is None
