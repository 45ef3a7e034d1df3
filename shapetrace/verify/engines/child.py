"""What runs in the process of an engine: `python -m shapetrace.verify.engines.child REQUEST`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from shapetrace import discovery, forking
from shapetrace.errors import in_words
from shapetrace.plugin import Session
from shapetrace.verify.engines import cutting, paddle2onnx, shapes
from shapetrace.verify.engines.process import Note, Request
from shapetrace.verify.pieces import opened

_STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")
"""Events of Python's audit that start a program."""
_TRIES = 3  # runs of a program that may raise


def main(path: str) -> None:
    """Do what a request asks for, and tell of it, line by line."""
    request = msgspec.json.decode(Path(path).read_bytes(), type=Request)
    sys.addaudithook(_install_nothing)
    if forking.possible():
        forking.limit(request.limits)
    tell = _teller(request.answer)
    try:
        _STEPS[request.step](request, tell)
        tell(Note("done"))
    except BaseException as error:  # SystemExit too: some leave where they miss something
        tell(Note("error", says=in_words(error)))
    sys.stdout.flush()
    os._exit(0)  # engines crash on their way out, when all is said


def _teller(path: str) -> Callable[[Note], None]:
    """Writes each note at once: the next thing done may be the last."""

    def tell(note: Note) -> None:
        with open(path, "ab") as file:
            file.write(msgspec.json.encode(note) + b"\n")

    return tell


def _install_nothing(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse to start pip, which Paddle2ONNX's optimizer does by itself."""
    if event in _STARTS and "pip" in (words := str(arguments)) and "install" in words:
        raise PermissionError("an engine wanted to install a package, and was kept from it")


def _convert(request: Request, tell: Callable[[Note], None]) -> None:
    paddle2onnx.convert(Path(request.export), Path(request.model))


def _run(request: Request, tell: Callable[[Note], None]) -> None:
    """Run all cases, in each of the orders, in one session an order."""
    import numpy

    engine = discovery.engine(request.engine)
    cases = [dict(numpy.load(path)) for path in request.cases]
    for number, order in enumerate(request.orders):
        tell(Note("load", number))
        session = engine.load(Path(request.model), request.variant)
        for place, case in enumerate(order):
            tell(Note("tried", number, case))
            outputs = _outputs(session, cases[case])
            path = f"{request.answer}.{number}.{place}.npz"
            numpy.savez(path, *outputs)
            tell(Note("run", number, case, path))


def _outputs(session: Session, arrays: dict[str, Any]) -> list[Any]:
    """The outputs at one case. An engine may have dropped inputs that no output needs."""
    import numpy

    wanted = {name: numpy.ascontiguousarray(arrays[name]) for name in session.inputs()}
    return [numpy.array(each) for each in session.run(wanted)]


def _locate(request: Request, tell: Callable[[Note], None]) -> None:
    import numpy

    engine = discovery.engine(request.engine)
    cases = [dict(numpy.load(path)) for path in request.cases]
    found = cutting.located(engine, request, cases)
    if found is not None:
        tell(Note("found", op=found))


def _shapes(request: Request, tell: Callable[[Note], None]) -> None:
    import numpy

    engine = discovery.engine(request.engine)
    part = Path(request.answer).with_suffix(".onnx")
    part.write_bytes(Path(request.model).read_bytes())
    tell(Note("load"))
    found = [
        shapes.seen(engine, part, request.names, dict(numpy.load(path)), request.variant) for path in request.cases
    ]
    path = f"{request.answer}.shapes"
    shapes.write(found, path)
    tell(Note("run", files=path))


def _values(request: Request, tell: Callable[[Note], None]) -> None:
    """The values of all tensors at the first case."""
    import numpy

    engine = discovery.engine(request.engine)
    part = Path(request.answer).with_suffix(".onnx")
    part.write_bytes(Path(request.model).read_bytes())
    case = dict(numpy.load(request.cases[0]))
    path = f"{request.answer}.values.npz"
    numpy.savez(path, *shapes.values(engine, part, request.names, case, request.variant))
    tell(Note("run", files=path))


def _raise(request: Request, tell: Callable[[Note], None]) -> None:
    """Have Paddle's executor write which op raises. A program with an `if` may raise at one run, and not at another."""
    import numpy

    with opened(request.export, dict(numpy.load(request.cases[0]))) as pieces:
        _ = any(not pieces.passes(request.op) for _ in range(_TRIES))


_STEPS: dict[str, Callable[[Request, Callable[[Note], None]], None]] = {
    "convert": _convert,
    "run": _run,
    "locate": _locate,
    "shapes": _shapes,
    "values": _values,
    "raise": _raise,
}

if __name__ == "__main__":
    main(sys.argv[1])
