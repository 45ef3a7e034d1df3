"""Works out the symbolic shapes of a recorded program, on either Paddle: by its pass, or fitted to shapes at several sizes.

All of this runs in a process of its own, which `tasks.py` starts, and starts once more where the pass has ended it. What is seldom needed
is imported there, where it costs the export nothing.
"""

from __future__ import annotations

from typing import Any

from shapetrace.capture.recorded import Recorded
from shapetrace.capture.shapes import pass_results, symbolic_pass
from shapetrace.capture.shapes.symbolic_pass import Answers
from shapetrace.said import Sentence, said
from shapetrace.trace import Conversion

FIT = 1.0
"""How much longer fitting may take than the pass may."""
_SHARE = 0.6  # of the time there is for the pass, after which it is not run once more


def of_pir(program: Any, conversion: Conversion, recorded: Recorded, cpu: float, ended: str) -> list[Sentence]:
    """Fill the symbolic shapes of a conversion of 3.x.

    Args:
        program: A `paddle.pir.Program`, complete or half-built. It is not changed.
        conversion: Recorded of it.
        recorded: Where to find what was recorded.
        cpu: CPU seconds that the pass may take, and as many again to fit what it does not tell.
        ended: How the process ended in which the pass was asked before; it is not asked again then. Empty the first time.

    Returns:
        No notes: what there is to say stands in `symbolic_error`.
    """
    if ended:
        _fit(program, conversion, recorded, cpu, f"Paddle's symbolic pass failed: {ended}")
        return []
    try:
        answers = symbolic_pass.ask(program, symbolic_pass.spent(_SHARE * cpu))
    except Exception as error:
        _fit(program, conversion, recorded, cpu, f"Paddle's symbolic pass failed: {type(error).__name__}: {error}")
        return []
    given_up = _given_up(conversion, answers)
    if answers.untold:
        _fit(program, conversion, recorded, cpu, given_up)
        if conversion.symbols:
            return []
        given_up = conversion.symbolic_error
    pass_results.write(conversion, answers)
    conversion.symbolic_error = given_up
    return []


def checked(program: Any, conversion: Conversion, recorded: Recorded, cpu: float, ended: str) -> list[Sentence]:
    """The same, and check what the pass tells. Returns what there is to say of that."""
    notes = of_pir(program, conversion, recorded, cpu, ended)
    if conversion.symbolic_error:
        return notes
    from shapetrace.capture.shapes import agreement

    try:
        return agreement.check(program, conversion, recorded, FIT * cpu).sentences(conversion.function)
    except Exception as error:
        return [said("the shapes in {} could not be checked: {}", conversion.function, error)]


def of_legacy(program: Any, conversion: Conversion, recorded: Recorded, cpu: float) -> list[Sentence]:
    """Fill the symbolic shapes of a conversion of 2.6, which has no pass: all are fitted."""
    from shapetrace.capture.shapes import fitted, reinfer

    try:
        fitted.write(conversion, reinfer.table(program, FIT * cpu), recorded.slots)
    except Exception as error:
        conversion.symbolic_error = f"shapes could not be inferred at other sizes: {type(error).__name__}: {error}"
    return []


def _fit(program: Any, conversion: Conversion, recorded: Recorded, cpu: float, why: str) -> None:
    """Enter fitted shapes into a conversion of which the pass has told none, and say so in its `symbolic_error`."""
    from shapetrace.capture.shapes import fitted, replay

    try:
        fitted.write(conversion, replay.table(program, FIT * cpu), recorded.slots)
    except Exception as error:
        conversion.symbolic_error = f"{why}; nor could they be fitted: {type(error).__name__}: {error}"
        return
    rest = f": {conversion.symbolic_error}" if conversion.symbolic_error else ""
    conversion.symbolic_error = f"{why}; the dims are fitted to shapes inferred at several sizes instead{rest}"


def _given_up(conversion: Conversion, answers: Answers) -> str:
    """What to say of the ops that the pass gave up at; nothing where it would not have told more than is known."""
    cuts = {index: why for index, why in answers.cuts.items() if _tells_more(conversion, index)}
    if not cuts and not answers.untold:
        return ""
    names = sorted({conversion.ops[index].name for index in cuts})
    at = f"Paddle's symbolic pass gives up at {', '.join(names)}, whose results stand for themselves" if names else ""
    rest = f"{answers.untold} ops after where it gives up have no symbolic shapes" if answers.untold else ""
    why = " ".join(next(iter((cuts or answers.cuts).values()), "").split())
    return "; ".join(part for part in (at, rest, why) if part)


def _tells_more(conversion: Conversion, index: int) -> bool:
    """Whether the pass tells something of an op's results: unknown dims, or what a list of numbers holds."""
    shapes = [conversion.values[output].shape for output in conversion.ops[index].outputs]
    return any(len(shape) <= 1 or min(shape) < 0 for shape in shapes)
