"""Whether `shapetrace sizes --spec` finds the most dynamic spec: against one that is searched for by brute force.

    python benchmarks/spec_by_brute_force.py [MODEL ...] [--factory MODULE:FUNCTION ...] [--beside N] [--markdown]

MODEL and factories are as in `sizes_by_brute_force.py`; without any, the small models of `tests` are run. With `--beside N` each is joined with the N - 1 that
follow it to a model of all their inputs, which has more axes. Both searches begin with a spec without unknown
axes. By brute force the spec is converted with each set of axes fixed, the smallest first, until the export works: it gives at no size another answer than
the model, runs at the sizes of the spec, and each unknown axis runs at another one (1 does not count, for it may be broadcast). Tried are sizes of one
axis, of axes that are of one size in the spec together, of two axes or all in proportion, and of two with the same product or sum. Nothing that
shapetrace derives goes into it.

*equal*: both leave as many axes unknown. *worse*: shapetrace gives up more. *better*: it gives up fewer, and its export works at the sizes that brute force tries.
*wrong*: its export does not. *all sets* is how many specs there are, 2 to the power of the axes: so many are converted by who does not know that few axes will be given up
(https://github.com/PaddlePaddle/Paddle/pull/64076 makes them by `itertools.product`).
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import sizes_by_brute_force as brute

SIZES = (1, 2, 3, 4, 7, 8, 16, 24, 32, 48, 65, 96)
_SCALES = ((1, 2), (2, 1), (3, 1))
_USUAL = (64, 32, 24, 16, 12, 8, 7, 4, 31, 224)  # sizes that a spec's unknown axes are given, the first that run
_SMALL = (2, 3, 4, 6, 8, 12, 16)  # the same of axes that have one product or sum
_MOST_AXES = 12

Sizes = dict[str, int]


class Attempt(NamedTuple):
    """A spec that was converted: the axes that are unknown in it, and whether its export works."""

    unknown: frozenset[str]
    works: bool


def compared(names: Sequence[str]) -> dict[str, Any]:
    """What both searches find for a model, and how many conversions they take.

    Args:
        names: The model; of several, one of them all.
    """
    import paddle

    from shapetrace.proof import dynamic

    layer, given = brute.built(names[0]) if len(names) == 1 else _beside(names)
    layer.eval()
    with paddle.no_grad():
        at = _running(layer, given)
        spec = _fixed(given, at, frozenset())
        points = list(_points(at))
        points = [point for point, so in zip(points, _runs(layer, spec, points), strict=True) if so]
        attempts = list(_searched(layer, spec, at, points))
        found = brute.measured(lambda: _told(dynamic.spec(layer, spec)))[0]
        ours = frozenset(found["unknown"])
        if attempts[-1].unknown == ours:
            works = True
        else:
            works = brute.measured(lambda: _works(layer, spec, at, ours, points))[0]
    best = len(attempts[-1].unknown)
    kind = "wrong" if not works else "equal" if len(ours) == best else "worse" if len(ours) < best else "better"
    return {
        "kind": kind,
        "axes": len(at),
        "ours": sorted(ours),
        "best": sorted(attempts[-1].unknown),
        "conversions": found["conversions"],
        "brute": len(attempts),
        "given_up": found["given_up"],
    }


def _beside(names: Sequence[str]) -> Any:
    """A model of several that know nothing of each other, with the inputs of each in a list."""
    import paddle

    class Beside(paddle.nn.Layer):  # type: ignore[misc]
        def __init__(self, layers: Sequence[Any]) -> None:
            super().__init__()
            self.layers = paddle.nn.LayerList(layers)

        def forward(self, inputs: Any) -> Any:
            return [layer(*inputs[place]) for place, layer in enumerate(self.layers)]

    layers, specs = zip(*map(brute.built, names), strict=True)
    for number, spec in enumerate(specs):
        for each in _flat(spec):
            each.name = f"{each.name}{number}"
    return Beside(layers), [[list(spec) for spec in specs]]


def _told(found: Any) -> dict[str, Any]:
    unknown = [f"{name}[{axis}]" for name, _, shape in found.specs for axis, size in enumerate(shape) if size < 0]
    given_up = {place: str(because.said) for place, because in found.given_up.items()}
    return {"unknown": unknown, "conversions": found.conversions, "given_up": given_up}


def _searched(layer: Any, spec: Any, at: Sizes, points: Sequence[Sizes]) -> Iterator[Attempt]:
    """Specs with each set of axes fixed, the smallest first, up to one that works."""
    for many in range(len(at) + 1):
        for fixed in itertools.combinations(at, many):
            unknown = frozenset(at) - set(fixed)
            (so,) = brute.outcomes(lambda unknown: _works(layer, spec, at, unknown, points), [unknown])
            yield Attempt(unknown, so)
            if so:
                return
    raise RuntimeError("it does not work with the spec as it is")


def _works(layer: Any, spec: Any, at: Sizes, unknown: frozenset[str], points: Sequence[Sizes]) -> bool:
    """Whether an export with axes unknown gives no other answer than the model, and each of them runs at another size."""
    import paddle

    moved: set[str] = set()
    with tempfile.TemporaryDirectory() as directory:
        try:
            paddle.jit.save(layer, f"{directory}/model", input_spec=_fixed(spec, at, unknown))
        except Exception:
            return False
        loaded = paddle.jit.load(f"{directory}/model")
        for point in (at, *points):
            others = {place for place, size in point.items() if size != at[place]}
            outcome = brute.outcome(layer, loaded, spec, point) if others <= unknown else ""
            if outcome == "differs" or (point == at and outcome != "same"):
                return False
            moved |= {place for place in others if point[place] > 1} if outcome == "same" else set()
    return moved == unknown


def _points(at: Sizes) -> Iterator[Sizes]:
    """The sizes to try: of axes that are of one size together, and of others in proportion."""
    alike = [
        axes
        for size in dict.fromkeys(at.values())
        for many in (1, 2, 3, 4)
        for axes in itertools.combinations([place for place in at if at[place] == size], many)
    ]
    points = [{**at, **dict.fromkeys(axes, size)} for axes in alike for size in SIZES]
    for axes in (*itertools.combinations(at, 2), tuple(at)):
        points += [{**at, **{place: at[place] * up // down or 1 for place in axes}} for up, down in _SCALES]
    for one, other in itertools.permutations(at, 2):
        points += [{**at, one: at[one] * 2, other: at[other] // 2}] if at[other] % 2 == 0 else []
        points += [{**at, one: at[one] + 1, other: at[other] - 1}] if at[other] > 1 else []
    seen = {tuple(at.values())}
    for point in points:
        if tuple(point.values()) not in seen:
            seen.add(tuple(point.values()))
            yield point


def _running(layer: Any, spec: Any) -> Sizes:
    """The sizes of all axes of a spec, with some for the unknown ones at which the model runs."""
    flat = _flat(spec)
    unknown = [(f"{each.name}[{axis}]", axis) for each in flat for axis, size in enumerate(each.shape) if size < 0]
    known = {f"{each.name}[{axis}]": size for each in flat for axis, size in enumerate(each.shape)}
    if len(known) > _MOST_AXES:
        raise ValueError(f"{len(known)} axes are too many")
    whole = dict.fromkeys((*_USUAL, *range(2, _USUAL[0])))
    alike = [{place: size if axis else 2 for place, axis in unknown} for size in whole]
    apart = (
        dict(zip((place for place, _ in unknown), sizes, strict=True))
        for usual in (_USUAL[:4], _SMALL)
        for sizes in itertools.product(usual, repeat=len(unknown))
    )
    candidates = ({**known, **sizes} for sizes in (*alike, *apart))
    return next(at for at in candidates if _runs(layer, spec, [at])[0])


def _runs(layer: Any, spec: Any, points: Sequence[Sizes]) -> list[bool]:
    """At which sizes a model itself runs."""

    def run(at: Sizes) -> bool:
        try:
            layer(*brute.inputs(spec, at))
        except Exception:
            return False
        return True

    return brute.outcomes(run, points)


def _fixed(spec: Any, at: Sizes, unknown: frozenset[str]) -> Any:
    """The spec with these axes unknown, and the others at their sizes."""
    import paddle

    shapes = [
        [-1 if (place := f"{each.name}[{axis}]") in unknown else at[place] for axis in range(len(each.shape))]
        for each in _flat(spec)
    ]
    made = [
        paddle.static.InputSpec(shape, each.dtype, each.name) for shape, each in zip(shapes, _flat(spec), strict=True)
    ]
    return paddle.utils.pack_sequence_as(spec, made)


def _flat(spec: Any) -> list[Any]:
    import paddle

    return list(paddle.utils.flatten(spec))


def main() -> None:
    """Search for the spec of each model in both ways, and print what came of it."""
    brute.prepare()
    import sized_models

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--factory", action="append", default=[], metavar="MODULE:FUNCTION")
    parser.add_argument("--beside", type=int, default=1, metavar="N")
    parser.add_argument("--seconds", type=int, default=300, metavar="S")
    parser.add_argument("--markdown", action="store_true", help="a row for each model")
    given = parser.parse_args()
    kinds, conversions, tried, sets = Counter[str](), 0, 0, 0
    if given.markdown:
        print(
            "| model | axes | unknown | by brute force | | conversions | by brute force | all sets |\n|" + " --- |" * 8
        )
    models = (*given.models, *given.factory) or (*sized_models.MODELS, *brute.FACTORIES)
    for place in range(len(models)):
        names = [*models[place:], *models][: given.beside]
        found = brute.child(partial(compared, names), given.seconds)
        if "died" in found:
            print(f"{' and '.join(names)}: {found['died']}", flush=True)
            continue
        kinds[found["kind"]] += 1
        conversions, tried, sets = conversions + found["conversions"], tried + found["brute"], sets + 2 ** found["axes"]
        cells = [" and ".join(names), found["axes"], ", ".join(found["ours"]), ", ".join(found["best"])]
        print(
            f"| {' | '.join(map(str, [*cells, found['kind'], found['conversions'], found['brute'], 2 ** found['axes']]))} |",
            flush=True,
        )
        if not given.markdown and found["kind"] != "equal":
            print(*(f"    {place}: {why}" for place, why in found["given_up"].items()), sep="\n", flush=True)
    print(
        f"{kinds.total()} models: {', '.join(f'{many} {kind}' for kind, many in kinds.items())}; conversions {conversions}, by brute force {tried}, all sets {sets}"
    )


if __name__ == "__main__":
    main()
