"""Opens the probes of a watch.

Those of `pir.py` and `legacy.py` are for one kind of program each. Paddle 2.6 builds one kind; Paddle 3 builds either, and
`FLAGS_enable_pir_api` or a guard of `paddle.pir_utils` may switch in the middle of a watch, so both are opened there. These are for both kinds:

| patched | why |
| --- | --- |
| `paddle.static.InputSpec` and one method more | where the specs come from (`specs.py`) |
| `type` in modules that ask for exact ints | `Dim`s are none (`exact_types.py`), and a model may keep one for later |
| during conversions: `paddle.jit.dy2static.error.ErrorData.__init__` | the frames of a failing conversion still exist there |
| during conversions: `paddle.jit.dy2static.Call` and its original | what the conversion runs as it stands |
| during conversions: `paddle.jit.dy2static.Ld` | hands rewritten code an `isinstance` that tells of tensors (`tensor_uses.py`) |
| during conversions: `linecache.checkcache`, `traceback.extract_stack` | what Paddle's call stacks cost, and our frames in them (`call_stacks.py`) |

SOT is told to let our code run as it is: it translates whatever Python runs between the pieces of a model, and numbers it. Paddle
has no way to take that back, and nothing of the user's depends on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapetrace.capture import call_stacks, frames, legacy, makers, pir, specs
from shapetrace.capture.during import open_probes
from shapetrace.capture.exact_types import answer_exact_types

if TYPE_CHECKING:
    from shapetrace.capture.session import Session
    from shapetrace.patching import Transaction


def install(session: Session, transaction: Transaction) -> None:
    """Open all probes. What cannot be opened is noted on the session."""
    kinds = (pir, legacy) if makers.has_pir() else (legacy,)
    always = (*(probe for kind in kinds for probe in kind.ALWAYS), specs.watch_specs, specs.watch_overruled)
    open_probes((*always, answer_exact_types, _sot), session, transaction)
    during = (pir.errors, pir.calls, pir.loads, call_stacks.look_once, call_stacks.summarise_once)
    session.during.install((*(probe for kind in kinds for probe in kind.DURING), *during), transaction)


def _sot(session: Session, transaction: Transaction) -> None:
    from paddle.framework import core

    core.eval_frame_skip_file_prefix((frames.OWN_DIRECTORY,))
