"""One watch from the inside: the tape, the conversions that ran, and the faults of our own.

Nothing here may disturb the conversion it watches: whatever fails is kept as a fault and the export goes on.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import msgspec

from shapetrace import collector
from shapetrace import trace as records
from shapetrace.capture import backend, layer_paths
from shapetrace.capture.backend import Backend
from shapetrace.capture.ending import Ending
from shapetrace.capture.guarding import guard
from shapetrace.capture.listener import Witness
from shapetrace.capture.model import Model
from shapetrace.capture.probes import failed_requests, kept_dims, placeholders, refusals
from shapetrace.capture.probes.by_hand import ByHand
from shapetrace.capture.probes.bytecode import BytecodeTracer
from shapetrace.capture.probes.control_flow import Flows
from shapetrace.capture.probes.during import During
from shapetrace.capture.probes.failures import Refusal, failed_call
from shapetrace.capture.probes.iteration import Endless, Iterations
from shapetrace.capture.probes.recorded_program import RecordedProgram
from shapetrace.capture.probes.skips import Skips
from shapetrace.capture.probes.specs import Specs
from shapetrace.capture.probes.tensor_uses import TensorUses
from shapetrace.capture.recorded import Recorded
from shapetrace.capture.shapes.tasks import ShapeTasks, patience
from shapetrace.capture.source import frames
from shapetrace.capture.source.sites import Sites
from shapetrace.capture.tape import Tape, layer, leaked
from shapetrace.dim import NUMBERS
from shapetrace.errors import in_words
from shapetrace.logs import get_logger
from shapetrace.said import Sentence, said
from shapetrace.trace import Conversion, Failure, Finding, Trace

_SOT = said(
    "SOT converted part of this from bytecode, in pieces: only what reached a program is recorded, and sizes that it took for "
    "constants are not seen; full_graph=True converts the source, as jit.save does"
)


Rest = Callable[[float], list[Finding]]
"""Gives the findings of the rest of a conversion that has failed, and waits so many seconds for them."""


def _to_stderr(sentence: str) -> None:
    if sys.stderr is not None:
        print(f"shapetrace: {sentence}", file=sys.stderr, flush=True)


Collect = Callable[["Session", Callable[[], Any]], Rest]
"""Looks at the rest of a conversion that has failed, which the function builds again."""


class Session:
    """State of an open watch, filled by the probes.

    Args:
        trace: Gets what is recorded.
        log: A structlog logger.
        collect: Told of a conversion that a leak has ended, with what builds it again; None to leave it at that.
        check_shapes: Whether to check what Paddle's symbolic pass tells.
        name_dims: Gives the dims of a recorded conversion the names that the user has for them.
        word: Words a sentence for the user, who is told it on stderr while a conversion runs.
    """

    def __init__(
        self,
        trace: Trace,
        log: Any = None,
        *,
        collect: Collect | None = None,
        check_shapes: bool = False,
        name_dims: Callable[[Conversion], None] = lambda conversion: None,
        word: Callable[[Sentence], str] = str,
    ) -> None:
        self.trace = trace
        self.log = log if log is not None else get_logger()
        self.collect = collect
        self.check_shapes = check_shapes
        self.name_dims = name_dims
        self._word = word
        self.backends = backend.of_this_paddle()
        self.tape = Tape(self)
        self.during = During(self.fault, self._conversions_ended)
        self.wrappers: dict[int, Callable[..., Any]] = {}
        self.skips = Skips(self.fault)
        self.steps = BytecodeTracer(self.tape, self.fault)
        self.by_hand = ByHand(self)
        self.sites = Sites(trace.sites)
        self.specs = Specs(self.sites)
        self.requests = trace.requests
        self.tensor_uses = TensorUses(self.tape, self.sites.of, self.fault)
        self.ending = Ending(lambda: self.tape.conversion >= 0 and not self.tape.closed)
        self.iterations = Iterations(self.tape, self._endless, self.tensor_uses.gone_through, self.fault)
        self.flows = Flows(self.tape, self.paused, self.fault)
        self._running_on: list[Endless] = []
        self.recorded: dict[int, Recorded] = {}
        self.refusal: Refusal | None = None
        self.witness: Witness | None = None
        self.shapes = ShapeTasks(self.paused, trace.remarks.append)
        self.models: dict[int, Model] = {}
        """What was to be converted, by the index of each conversion that failed."""
        self._rests: list[Rest] = []
        self._built = 0.0  # seconds that all conversions took so far
        self._began = time.monotonic(), time.process_time()  # the running one
        self._programs: list[Any] = []  # dims refer to their ops
        self._numbers = kept_dims.counts()

    def follow(self, frame: FrameType) -> None:
        """A frame of the user's gets hold of a dim."""
        self.steps.follow(frame)

    def running(self, conversion: int) -> int:
        """The conversion that is running: the given one, or that of a program that is built by hand; -1 for none."""
        return self.by_hand.running(conversion)

    def _endless(self, endless: Endless) -> None:
        """A conversion has come to what never ends: say so while it runs."""
        self._running_on.append(endless)
        _to_stderr(self._word(endless.sentence))

    def _conversions_ended(self, left: list[Sentence]) -> None:
        self.trace.remarks += [sentence for sentence in left if sentence not in self.trace.remarks]
        self.refusal = None  # it holds the user's tensors
        self.flows.forget()
        if self.witness is not None:
            self.witness.ended()
        self.ending.insist()

    def fault(self, what: str, error: BaseException) -> None:
        """Keep what went wrong in shapetrace itself; each kind once. Nothing is raised here."""
        try:
            sentence = f"{what}: {in_words(error)}"
            if sentence in self.trace.remarks:
                return
            self.trace.remarks.append(sentence)
            self.log.warning("fault", what=what, error=in_words(error))
        except Exception as another:  # the logger is the user's, and there may be no room on the stack
            self.trace.remarks.append(f"{what}, which could not be logged: {type(another).__name__}")

    def begin(self, function_spec: Any, input_spec: Any) -> None:
        """A conversion begins. Whoever calls this puts `tape.conversion` back when it has ended."""
        function = function_spec.dygraph_function
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        conversion = Conversion(
            function=getattr(function, "__qualname__", str(function)),
            site=self.sites.defined(code) if code is not None else -1,
            inputs=self.specs.inputs(function_spec, input_spec),
        )
        layer_paths.begin()
        self._began = time.monotonic(), time.process_time()
        self.log.info("conversion begins", function=conversion.function)
        self.tape.conversion = self.trace.add(conversion)
        self.specs.begun(function_spec, self.tape.conversion, sys._getframe())
        if self.witness is not None:
            self.witness.begins()
        if conversion.function.startswith("compile_sir") and _SOT not in self.trace.remarks:
            self.trace.remarks.append(_SOT)

    def again(self) -> None:
        """The conversion that has failed begins once more."""
        failed = self.trace.conversions[self.tape.conversion]
        self.tape.conversion = self.trace.add(
            Conversion(function=failed.function, site=failed.site, inputs=failed.inputs)
        )

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing that happens in here is recorded."""
        was, self.tape.closed = self.tape.closed, True
        try:
            yield
        finally:
            self.tape.closed = was

    def go_on(self, build: Callable[[], Any], model: Model) -> None:
        """The running conversion has failed; `build` builds it again, of a model."""
        failed = self.tape.conversion
        self.models[failed] = model
        if self.collect is None or not any(
            argument.raised and argument.conversion == failed for argument in self.tape.arguments
        ):
            return
        with guard(self.fault, "the rest of a failed conversion could not be looked at"):
            self._rests.append(self.collect(self, build))

    def complete(self, concrete: Any, layer: Any) -> None:
        """The running conversion has its whole program. `layer` is what was converted, or None for a function."""
        conversion = self.trace.conversions[self.tape.conversion]
        self._running_on = [walk for walk in self._running_on if walk.conversion != self.tape.conversion]  # it did end
        self.keep(concrete.main_program)
        with guard(self.fault, "the attributes of a layer could not be looked at"):
            if layer is not None and self.tape.leaks:
                self._find_stored(layer)
        with guard(self.fault, "the outputs of a conversion could not be told"):
            recorded = self.recorded.get(self.tape.conversion)
            if recorded is not None:
                conversion.outputs = tuple(_positions(concrete.outputs, recorded))
        self.log.info("conversion complete", function=conversion.function, ops=len(conversion.ops))

    def release(self) -> None:
        """Stop tracing, and put plain ints in the place of dims that the user's objects keep, as they would without a watch."""
        self.steps.stop()
        self.tape.computed.clear()
        self.tape.shapes.clear()
        if self.tape.leaks and kept_dims.counts() != self._numbers:
            kept_dims.replace()

    def _find_stored(self, layer: Any) -> None:
        for member in layer.sublayers(include_self=True):
            attributes = vars(member)
            for name, value in list(attributes.items()):
                if isinstance(value, NUMBERS) and leaked(value):
                    self.tape.stored(value, f"{type(member).__name__}.{name}")

    def failed(self, error: BaseException, program: Any = None) -> None:
        """The running conversion fails with `error`, whose frames still exist; its program, if not the default one."""
        if self.tape.conversion < 0 or self.trace.conversions[self.tape.conversion].failure is not None:
            return
        with guard(self.fault, "a failing conversion could not be recorded"):
            self._blame(error)
            if self._keep_endless():
                return  # what it was built of is the same over and over, and would take long to record
            import paddle

            self.keep(paddle.static.default_main_program() if program is None else program)
            self._keep_call(error)

    def ended(self, error: BaseException) -> None:
        """The running conversion has ended with `error`, which was raised before or after the user's code ran if it is not known."""
        if self.tape.conversion >= 0 and self.trace.conversions[self.tape.conversion].failure is None:
            with guard(self.fault, "a failing conversion could not be recorded"):
                self._blame(error)

    def interrupted(self, error: BaseException) -> None:
        """What is no `Exception` ends the running conversion: Ctrl-C, a limit."""
        conversion = self.trace.conversions[self.tape.conversion]
        if self.tape.conversion >= 0 and conversion.failure is None:
            self._blame(error)
            self._keep_endless()

    def _keep_endless(self) -> bool:
        """Record what the running conversion did not come to the end of; whether there is any."""
        running = [walk for walk in self._running_on if walk.conversion == self.tape.conversion]
        for walk in running:
            walked = walk.walked
            site = self.sites.add(walked.site)
            loop = self.flows.made_an_array(walked.iterated) if walk.array else None
            self.trace.endless.append(
                records.Endless(
                    walk.conversion,
                    site,
                    walked.iterated,
                    walked.bound if not walk.array else "",
                    walk.turns,
                    walk.array,
                    self.sites.add(loop) if loop is not None else -1,
                )
            )
        self._running_on = [walk for walk in self._running_on if walk not in running]
        return bool(running)

    def left(self, error: BaseException | None) -> None:
        """The watch closes, and `error` leaves it."""
        with guard(self.fault, "a program that was not saved could not be noted"):
            if error is not None:
                failed_requests.note(self.trace, self.sites, error)

    def _keep_call(self, error: BaseException) -> None:
        """Keep the call that raised, with what it was given."""
        index = self.tape.conversion
        conversion = self.trace.conversions[index]
        if index not in self.recorded or conversion.failure is None:
            return
        traceback = error.__traceback__ or sys.exc_info()[2]
        with self.paused():  # looking at arguments is no use of the user's
            met = placeholders.met(traceback, error)
            call = failed_call(
                traceback, error, self.refusal, RecordedProgram(conversion, self.recorded[index], self.sites)
            )
        conversion.failure = msgspec.structs.replace(conversion.failure, call=call, placeholder=met)

    def keep(self, program: Any) -> None:
        """Record the program of the running conversion."""
        index = self.tape.conversion
        conversion = self.trace.conversions[index]
        self._programs.append(program)
        with guard(self.fault, "a program could not be recorded"), self.paused(), collector.paused():
            recorded = self.recorded[index] = self._knowing(program).record(program, conversion, self.sites)
            self._ask_for_shapes(program, conversion, recorded)
            noted = RecordedProgram(conversion, recorded, self.sites)
            self.trace.tensor_uses += self.tensor_uses.write(index, noted)
            self.trace.control_flow += self.flows.write(noted, index, len(self.trace.control_flow))

    def until_here(self) -> RecordedProgram:
        """The program of the running conversion as it is, with its symbolic shapes, recorded apart: the process is about to end."""
        import paddle

        running = self.trace.conversions[self.tape.conversion]
        conversion = Conversion(function=running.function, site=running.site, inputs=running.inputs)
        conversion.sites = self.trace.sites
        program, shapes = paddle.static.default_main_program(), ShapeTasks(self.paused, self.trace.remarks.append)
        with self.paused():
            recorded = self._knowing(program).record(program, conversion, self.sites)
            infer = functools.partial(self._knowing(program).infer, check=False)
            shapes.begin(program, conversion, recorded, infer, 0.0)
            shapes.close(self.patience)
            self.name_dims(conversion)
        return RecordedProgram(conversion, recorded, self.sites)

    def wait_for_shapes(self) -> None:
        """Take in the symbolic shapes of all programs that are complete."""
        self.shapes.close(self.patience)

    @property
    def patience(self) -> float:
        """Seconds that closing waits."""
        return patience(self._built)

    def _ask_for_shapes(self, program: Any, conversion: Conversion, recorded: Recorded) -> None:
        """Have the symbolic shapes worked out while the export goes on."""
        wall, cpu = self._began
        self._built += time.monotonic() - wall
        with guard(self.fault, "the symbolic shapes of a program could not be asked for"):
            infer = functools.partial(self._knowing(program).infer, check=self.check_shapes)
            self.shapes.begin(program, conversion, recorded, infer, time.process_time() - cpu)

    def _knowing(self, program: Any) -> Backend:
        return backend.knowing(program, self.backends)

    def take_in(self, seconds: float | None = None, for_shapes: float = 0.0) -> list[Finding]:
        """Take in what processes of ours work out: the symbolic shapes, and the rest of conversions that failed.

        Args:
            seconds: How long to wait for the rest of conversions that failed; by default no longer than for symbolic shapes, which is
                a small share of what building took.
            for_shapes: How long to wait for symbolic shapes at least.

        Returns:
            The findings of the rest of conversions that failed.
        """
        began = time.monotonic()
        wait = max(self.patience, for_shapes)
        until = began + (wait if seconds is None else max(wait, seconds))
        findings: list[Finding] = []
        with guard(self.fault, "what was worked out apart could not be taken in"):
            self.shapes.close(wait)
            for rest in self._rests:
                findings += rest(max(0.0, until - time.monotonic()))
        self._rests.clear()
        return findings

    def _blame(self, error: BaseException) -> None:
        """Keep the failure, and the dims that were in the arguments of the call that raised."""
        raised = frames.traceback_frames(error.__traceback__)
        if not raised:
            raised = frames.traceback_frames(sys.exc_info()[2])
        users = [place for _, place in raised if frames.is_users(place.kind)]
        conversion = self.trace.conversions[self.tape.conversion]
        conversion.failure = Failure(
            type=type(error).__name__,
            message=str(error),
            stack=tuple(self.sites.of(place) for place in reversed(users)),
            layer=layer(),
        )
        refusals.failed(self.tape, raised, error, self.steps.blamed(raised, error))


def _positions(outputs: Any, recorded: Recorded) -> Iterator[int]:
    """Which recorded values the outputs are."""
    from paddle.utils import flatten

    positions = (recorded.position(output) for output in flatten(outputs))
    return (position for position in positions if position >= 0)
