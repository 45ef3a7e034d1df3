"""Runs an export in the engines that serve it, and compares what each gives with what the model does.

Every conversion and every engine has a process of its own (`engines/process.py`). A session is run at all sizes, and then another one in
the reverse order: an engine that keeps something from the first size it ran at is wrong in one of the two only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from shapetrace import plugin
from shapetrace.errors import UsageError
from shapetrace.onnx_file import lint, names
from shapetrace.onnx_file.names import Aligned
from shapetrace.reports.translations import current, worded
from shapetrace.said import Sentence, joined, said
from shapetrace.verify import blaming, by_name, comparing, inside, locating, rounding, taken, tolerance
from shapetrace.verify.blaming import Blame
from shapetrace.verify.engines import shapes
from shapetrace.verify.engines.process import Answer, Note, Request, ask
from shapetrace.verify.pair import Case, Pair
from shapetrace.verify.pieces import opened
from shapetrace.verify.results import SAME, Cell, Difference, Engine, Place, Stage, written
from shapetrace.verify.served import Served


@dataclass(frozen=True)
class Trouble:
    """What went wrong in an engine."""

    stage: Stage
    said: Sentence
    variant: Sentence = ""
    order: tuple[int, ...] = ()
    """The cases that were run, in order; the last one is where it went wrong."""
    answer: Answer | None = None
    difference: Difference | None = None
    """What differs, where it is that."""

    @property
    def fails(self) -> bool:
        """Whether it failed, and did not only give something else."""
        return self.stage != "compare"

    def of(self, *kinds: str) -> bool:
        """Whether it is a difference of one of these kinds."""
        return self.difference is not None and self.difference.kind in kinds

    @property
    def words(self) -> str:
        """All that was said, where what is to be told of it is cut short."""
        return (self.fails and self.answer is not None and blaming.words(self.answer)) or str(self.said)


class Attempt(NamedTuple):
    """What came of running an export in an engine, set up in one way."""

    trouble: Trouble | None
    """What went wrong first."""
    cells: list[Cell]
    """What came of each choice of sizes."""
    notes: list[Sentence]
    """What else is to be said."""


@dataclass
class Serving:
    """The engines that one export is tried in.

    Args:
        pair: The model and its export, run already, with its cases kept.
        directory: Where files may be written.
        loaded: What came of `jit.load`.
        given: An ONNX file of the model, which engines load in place of one that is made now.
    """

    pair: Pair
    directory: Path
    loaded: Engine
    given: Path | None = None
    _inputs: tuple[str, ...] = ()
    _converted: Answer | None = None
    _blamed: Blame | None = None
    """What an ONNX file could not be made for."""
    _linted: tuple[Aligned, list[lint.Problem]] | None = None

    @property
    def cases(self) -> list[Case]:
        """The runs of the model."""
        return self.pair.cases or []

    def results(self, engines: Sequence[plugin.Engine]) -> list[Engine]:
        """What each of these engines makes of the export."""
        return [self._result(engine) for engine in engines]

    def _result(self, engine: plugin.Engine) -> Engine:
        if missing := engine.missing(converting=self.given is None):
            return Engine(engine.name, None, said=said("not tried: {}", missing))
        if not self.cases:
            return Engine(engine.name, None, said=said("not tried: the model itself fails at all sizes"))
        self.pair.progress(worded("running it in {}", engine.name))
        trouble, cells, notes = self._judged(engine)
        if trouble is None:
            place, wrong = self._wrong_all_the_same(engine)
            told = joined("{}; {}", [SAME, *notes, *wrong])
            return Engine(engine.name, True, None, told, place, self._sizes(cells), cells)
        if self._is_of_the_export(trouble):
            told = joined("{}; {}", [trouble.said, said("jit.load goes wrong at these sizes too"), *notes])
            sizes = self._sizes(cells, ok=False)
            return Engine(engine.name, False, trouble.stage, told, self.loaded.place, sizes, cells)
        others = self._otherwise(engine, trouble)
        blame = self._blame(engine, trouble)
        advice = blaming.advice(engine, trouble.words, blame.place)
        if blame.place is not None and (file := self._file(engine)) is not None:
            advice = [*blaming.baked(file[1], file[0], blame.place), *advice]
        parts = [blame.said or trouble.said, others, *notes, *dict.fromkeys(advice), *self._emptied(trouble)]
        told = joined("{}; {}", [part for part in parts if part])
        return Engine(engine.name, False, trouble.stage, told, blame.place, self._sizes(cells, ok=False), cells)

    def _judged(self, engine: plugin.Engine) -> Attempt:
        """What comes of it as people deploy it; or in float32, where it differs and may round to fewer bits."""
        deployed = self._attempt(engine, engine.variants[0])
        if deployed.trouble is None or deployed.trouble.fails or not engine.exact:
            return deployed
        exact = self._attempt(engine, engine.exact)
        if exact.trouble is None:
            exact.notes.append(said("that is {}", engine.exact))
            exact.notes.append(said("by default it rounds to fewer bits on this CPU, and {}", deployed.trouble.said))
        return exact

    def _is_of_the_export(self, trouble: Trouble) -> bool:
        """Whether `jit.load` goes wrong where an engine does, so that no engine is to blame."""
        place = self.loaded.place
        found = self.loaded.ok is False and (
            (place is not None and bool(place.op)) or str(trouble.said) == self.loaded.says
        )
        return found and bool(trouble.order) and self.cases[trouble.order[-1]].sizes in self.loaded.sizes

    def _emptied(self, trouble: Trouble) -> list[Sentence]:
        """What is said of sizes that are too small for the model."""
        if not trouble.order or self.pair.trace is None:
            return []
        return taken.emptying(self.pair.trace, self.pair.specs, self.cases[trouble.order[-1]].sizes)

    def _file(self, engine: plugin.Engine) -> tuple[Aligned, list[lint.Problem]] | None:
        """The ONNX file held against the trace, and what is wrong with it; None where there is none."""
        converted = self.converted(engine)
        if converted is None or not converted.ended_well:
            return None
        if self._linted is None:
            try:
                aligned = names.read(self._onnx, self.pair.watched())
            except UsageError:  # onnx is not installed, or inputs were renamed
                return None
            self._linted = aligned, lint.problems(aligned)
        return self._linted

    def _wrong_all_the_same(self, engine: plugin.Engine) -> tuple[Place | None, list[Sentence]]:
        """What is wrong in a file that gives the same here: an engine may optimize it away."""
        file = self._file(engine)
        wrong = [problem for problem in file[1] if problem.wrong] if file is not None else []
        if file is None or not wrong:
            return None, []
        place = locating.of_trace(file[0].conversion, wrong[0].op) if wrong[0].op is not None else None
        return place, [said("the file is wrong all the same: {}", problem.said) for problem in wrong]

    def _blame(self, engine: plugin.Engine, trouble: Trouble) -> Blame:
        """The op that is to blame. Nothing in here may hide what is known."""
        if trouble.stage == "convert" and self._blamed is not None:
            return self._blamed
        try:
            case = self.cases[trouble.order[-1]] if trouble.order else self.cases[0]
            blame = blaming.blame(trouble.stage, trouble.answer, self._locating(engine, trouble), self.pair, case)
            if not blame.said:
                found = blame.place or self._named(engine, trouble) or self._of_output(engine, trouble)
                place = self._of_kind(engine, trouble, found)
                blame = replace(blame, place=self._narrowed(engine, trouble, place) if place is not None else None)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            blame = Blame(said=said("{} (the op was not found: {})", trouble.said, why))
        if trouble.stage == "convert":
            self._blamed = blame
        return blame

    def _named(self, engine: plugin.Engine, trouble: Trouble) -> Place | None:
        """The op of the tensor or node that the engine names."""
        file = self._file(engine)
        named = file[0].named_in(trouble.words) if file is not None else None
        return locating.of_trace(file[0].conversion, named) if file is not None and named is not None else None

    def _of_output(self, engine: plugin.Engine, trouble: Trouble) -> Place | None:
        """The op of an output that has its values in another shape or dtype: each op before it may well have those."""
        file, differs = self._file(engine), trouble.difference
        if file is None or differs is None or not trouble.of("dtype", "shape"):
            return None
        case = self.cases[trouble.order[-1]]
        outputs = [name for name, _ in comparing.flatten(case.expected, values_too=True)]
        made = file[0].maker(names.output(outputs.index(differs.output)))
        return locating.of_trace(file[0].conversion, made) if made is not None else None

    def _of_kind(self, engine: plugin.Engine, trouble: Trouble, place: Place | None) -> Place | None:
        """The op that has a node of the kind that the engine names: that of the same statement, or the one line that has such nodes.

        The program is not cut after every op, and never where no input leads to: in a mask that is made of numbers.
        """
        file = self._file(engine)
        if file is None or place is None:
            return place
        places = [locating.of_trace(file[0].conversion, op) for op in file[0].of_kind_in(trouble.words)]
        beside = [each for each in places if each.site == place.site]
        if beside:
            return place if any(each.op == place.op for each in beside) else beside[0]
        return places[0] if len({(each.op, each.site) for each in places}) == 1 else place

    def _narrowed(self, engine: plugin.Engine, trouble: Trouble, place: Place) -> Place:
        """The op in a block, where the place is an `if` or a loop, and it is not that itself which the engine does not take."""
        told = trouble.words
        if blaming.is_known(engine, told, place.op):
            return place
        known = partial(blaming.is_known, engine, told)
        conversions = reversed(self.pair.watched().conversions)
        conversion = next((each for each in conversions if each.failure is None), None)
        return inside.narrowed(place, told, conversion, self._file(engine), known)

    def _sizes(self, cells: Sequence[Cell], *, ok: bool = True) -> list[Mapping[str, int]]:
        return [cell.sizes for cell in cells if cell.ok is ok]

    def _otherwise(self, engine: plugin.Engine, trouble: Trouble) -> Sentence:
        """What comes of setting the engine up otherwise."""
        if trouble.stage == "convert":
            return ""
        if trouble.variant:
            return said("{} as well", trouble.variant)
        for variant in engine.variants[1:]:
            self.pair.progress(worded("running it in {}, {}", engine.name, current().say(variant)))
            if self._attempt(engine, variant).trouble is None:
                return said("{} it gives the same", variant)
        others = engine.variants[1:]
        return said("{} as well", joined("{} and {}", others)) if others else ""

    def _attempt(self, engine: plugin.Engine, variant: Sentence) -> Attempt:
        """Convert, load, run and compare."""
        answer = self.converted(engine)
        if answer is not None and not answer.ended_well:
            why = blaming.reason(answer)
            return Attempt(Trouble("convert", why, answer=answer), self._all(why), [])
        forth = tuple(range(len(self.cases)))
        orders = (forth, forth[::-1]) if len(forth) > 1 else (forth,)
        answer = ask(self.request("run", engine, variant, orders), self.directory)
        return Judged(self.cases, self.pair, answer, orders, variant).verdict()

    def _all(self, why: Sentence) -> list[Cell]:
        return [Cell(case.sizes, False, why) for case in self.cases]

    def converted(self, engine: plugin.Engine) -> Answer | None:
        """How making the file that an engine loads went; None where it loads the export itself. Done once for all engines."""
        if engine.format != "onnx":
            return None
        if self.given is not None:
            return Answer([Note("done")], "")
        if self._converted is None:
            self.pair.progress(worded("making an ONNX file"))
            self._converted = ask(self.request("convert", engine), self.directory)
        return self._converted

    @property
    def _onnx(self) -> Path:
        return self.given.absolute() if self.given is not None else self.directory / "model.onnx"

    def request(
        self, step: Any, engine: plugin.Engine, variant: Sentence = "", orders: tuple[tuple[int, ...], ...] = ()
    ) -> Request:
        """What to ask the process of an engine for."""
        model = self._onnx if engine.format == "onnx" else Path(self.pair.path)
        return Request(
            step=step,
            engine=engine.name,
            export=self.pair.path,
            model=str(model),
            cases=self._files(),
            orders=orders,
            variant=str(variant),
        )

    def _files(self) -> tuple[str, ...]:
        """The inputs of each case, written once."""
        import numpy

        if not self._inputs:
            paths = [self.directory / f"case{number}.npz" for number in range(len(self.cases))]
            for path, case in zip(paths, self.cases, strict=True):
                numpy.savez(path, **case.fed)
            self._inputs = tuple(map(str, paths))
        return self._inputs

    def _locating(self, engine: plugin.Engine, trouble: Trouble) -> Callable[[], int | None]:
        """Finds the op that is to blame, as an index into the exported program."""

        def locate() -> int | None:
            self.pair.progress(worded("looking for the op in {}", engine.name))
            order = trouble.order if trouble.stage != "load" else ()
            request = self.request("locate", engine, trouble.variant, (order,) if order else ())
            request.fails, request.loads = trouble.fails, trouble.stage != "convert"
            found = ask(request, self.directory).at("found")
            return found[0].op if found else None

        def look_up() -> int | None:
            """In the file itself: what the converter takes from memory is another number in each part that is converted."""
            self.pair.progress(worded("looking for the op in {}", engine.name))
            found = self._by_name(engine, trouble)
            return found if found is not None or self.given is not None else locate()

        by_name = engine.format == "onnx" and (self.given is not None or trouble.stage == "compare")
        return look_up if by_name else locate

    def _by_name(self, engine: plugin.Engine, trouble: Trouble) -> int | None:
        """The op of the exported program whose tensor in the file cannot be computed, or has another value."""
        file = self._file(engine)
        if file is None:
            return None
        case = trouble.order[-1] if trouble.order else 0
        request = self.request("values" if trouble.stage == "compare" else "shapes", engine, trouble.variant)
        request.cases = (request.cases[case],)
        request.names = tuple(file[0].made)
        answer = ask(request, self.directory).at("run")
        with opened(self.pair.path, self.cases[case].fed) as pieces:
            if not answer:
                return None
            if trouble.stage == "compare":
                arrays = by_name.read(request.names, answer[0].files)
                found = by_name.differing(pieces, arrays)
                if found is None and trouble.of("shape"):
                    found = by_name.differing(pieces, arrays, tolerance.ranked_alike)
                return found
            return by_name.op(pieces, shapes.read(answer[0].files)[0].failing)


@dataclass
class Judged:
    """What an engine told of its runs, held against the model."""

    cases: Sequence[Case]
    pair: Pair
    answer: Answer
    orders: Sequence[tuple[int, ...]]
    variant: Sentence
    cells: dict[int, Cell] = field(default_factory=dict)
    notes: dict[Sentence, None] = field(default_factory=dict)
    first: Trouble | None = None
    seen: dict[int, dict[bool, tuple[int, ...]]] = field(default_factory=dict)
    """For each case, the sizes it was run after: where it was right, and where it was wrong."""

    def verdict(self) -> Attempt:
        """What came of all runs."""
        done: dict[int, list[int]] = {}
        for note in self.answer.at("run"):
            done.setdefault(note.order, []).append(note.case)
            self._compare(note, tuple(done[note.order]))
        if not self.answer.ended_well:
            self._failed()
        self.notes |= dict.fromkeys(self._by_order())
        unseen = self.first.said if self.first is not None else ""
        cells = [self.cells.get(number, Cell(case.sizes, None, unseen)) for number, case in enumerate(self.cases)]
        return Attempt(self.first, cells, list(self.notes))

    def _by_order(self) -> Iterator[Sentence]:
        """Sizes that are right or wrong by what the same session was run at before."""
        for number, orders in self.seen.items():
            if len(orders) == 2:
                wrong = [written(self.cases[case].sizes) for case in orders[False][:-1]]
                at, after = written(self.cases[number].sizes), joined("{} and {}", wrong)
                yield said("at {} it is wrong only after {} in the same session", at, after)
                return

    def _compare(self, note: Note, order: tuple[int, ...]) -> None:
        import numpy
        import paddle

        case = self.cases[note.case]
        with numpy.load(note.files) as arrays:
            got = [paddle.to_tensor(arrays[name]) for name in arrays.files]
        comparison = Served(*self.pair.tolerances, again=lambda: rounding.runs(case.model))
        difference = comparison.first_difference(case.expected, got)
        self.seen.setdefault(note.case, {}).setdefault(difference is None, order)
        self.notes |= dict.fromkeys(comparison.reshaped.values())
        if difference is None:
            undecided = comparison.undecided
            self.cells.setdefault(note.case, Cell(case.sizes, None if undecided else True, undecided or SAME))
            return
        before = self.cells.get(note.case)
        if before is None or before.ok:
            self.cells[note.case] = Cell(case.sizes, False, difference.whole)
        if self.first is None:
            self.first = Trouble("compare", difference.whole, self.variant, order, self.answer, difference)

    def _failed(self) -> None:
        """It ended before all was run: while it loaded the model, or at the last size that it tried."""
        last = next(
            note for note in reversed(self.answer.notes or [Note("load", 0)]) if note.at in ("load", "tried", "run")
        )
        why = blaming.reason(self.answer)
        if last.at != "tried":
            trouble = Trouble("load", why, self.variant, answer=self.answer)
        else:
            order = self.orders[last.order][: self.orders[last.order].index(last.case) + 1]
            trouble = Trouble("run", why, self.variant, order, self.answer)
            self.cells[last.case] = Cell(self.cases[last.case].sizes, False, why)
        self.first = self.first or trouble
        if last.at != "tried":
            self.cells |= {
                number: replace(self.cells.get(number, Cell(case.sizes, False, why)), ok=False, said=why)
                for number, case in enumerate(self.cases)
            }
