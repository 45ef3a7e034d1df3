"""Opens the probes of a watch.

Those for one kind of program are its backend's (`capture/backend.py`). These are for every kind:

| patched | why |
| --- | --- |
| `paddle.static.InputSpec` and one method more | where the specs come from (`specs.py`) |
| `type` in modules that ask for exact ints | `Dim`s are none (`exact_types.py`), and a model may keep one for later |
| during conversions: `paddle.jit.dy2static.error.ErrorData.__init__` | the frames of a failing conversion still exist there |
| during conversions: `paddle.jit.dy2static.Call` and its original | what the conversion runs as it stands |
| during conversions: `paddle.jit.dy2static.Ld` | hands rewritten code an `isinstance` that tells of tensors (`tensor_uses.py`) |
| during conversions: three functions of `paddle.jit.dy2static.convert_operators` | the `if`s and loops that become part of the program (`control_flow.py`) |
| during conversions: `paddle.base.core.broadcast_shape` | computes in C with the sizes that `cosine_similarity` has read (`broadcast_shapes.py`) |
| during conversions: `linecache.checkcache`, `traceback.extract_stack` | what Paddle's call stacks cost, and our frames in them (`call_stacks.py`) |
| during conversions: `inspect.getsourcelines` | what it costs that Paddle reads a function anew for each layer (`function_sources.py`) |

SOT is told to let our code run as it is: it translates whatever Python runs between the pieces of a model, and numbers it. Paddle
has no way to take that back, and nothing of the user's depends on it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from shapetrace.capture.backend import Backend
from shapetrace.capture.listener import Listener, Probe
from shapetrace.capture.probes import call_stacks, function_sources, input_specs, rewriting
from shapetrace.capture.probes.broadcast_shapes import watch_broadcast_shapes
from shapetrace.capture.probes.during import Opened, open_probes
from shapetrace.capture.probes.exact_types import answer_exact_types
from shapetrace.capture.source import frames
from shapetrace.patching import Transaction


def install(listener: Listener, backends: Iterable[Backend], transaction: Transaction) -> None:
    """Open all probes. What cannot be opened is noted.

    Args:
        listener: Whom they tell.
        backends: One for each kind of program that may be built.
        transaction: Closes them.
    """
    always = [probe for backend in backends for probe in backend.always]
    always += [input_specs.watch_specs, input_specs.watch_requests, answer_exact_types, _sot]
    open_probes([_telling(listener, probe) for probe in always], listener.fault, transaction)
    during = [probe for backend in backends for probe in backend.during]
    during += [
        rewriting.errors,
        rewriting.calls,
        rewriting.loads,
        rewriting.operands,
        rewriting.enumerations,
        rewriting.statements,
        watch_broadcast_shapes,
        call_stacks.look_once,
        call_stacks.summarise_once,
        function_sources.read_once,
    ]
    listener.during.install([_telling(listener, probe) for probe in during], transaction)


def _telling(listener: Listener, probe: Probe) -> Opened:
    return functools.update_wrapper(functools.partial(probe, listener), probe)


def _sot(listener: Listener, transaction: Transaction) -> None:
    from paddle.framework import core

    core.eval_frame_skip_file_prefix((frames.OWN_DIRECTORY,))
