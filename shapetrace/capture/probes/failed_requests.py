"""The exception that leaves a watch, where Paddle raised it outside of every conversion.

Before anything is asked for, `to_static` and `jit.save` look whether the specs are a list, and take the layer apart; when all is built, `jit.save`
looks whether every input has a part in the results. What they raise there no conversion knows of. The frames are in the traceback while the
watch closes.
"""

from __future__ import annotations

import functools
from types import FrameType
from typing import Any

from shapetrace.capture.probes.specs import is_save, is_to_static
from shapetrace.capture.source import frames
from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.sites import Sites
from shapetrace.trace import Failure, Request, Trace

_CONVERTED = ("layer", "function", "python_func")
"""What `jit.save`, `to_static` and its decorator call what they are to convert."""


def note(trace: Trace, sites: Sites, error: BaseException) -> None:
    """Keep an exception that ended such a call, with the request that it belongs to."""
    asking = _asking(error)
    if asking is None:
        return
    place, frame = asking
    site, failure = sites.of(place), Failure(type(error).__name__, str(error))
    request = trace.requests[-1] if trace.requests else None
    if request is not None and request.saves and request.site == site:
        if not request.refused and (request.conversion < 0 or trace.conversions[request.conversion].failure is None):
            request.unsaved = failure
        return
    given, spec = frame.f_locals, frame.f_locals.get("input_spec")
    instead = "" if spec is None or isinstance(spec, list | tuple) else type(spec).__name__
    function = _function(next((given[name] for name in _CONVERTED if name in given), None))
    saves = is_save(frame.f_code)
    trace.requests.append(Request(function, site=site, saves=saves, instead=instead, failure=failure))


def _function(converted: Any) -> str:
    """What is to be converted: the forward of a layer, or the function itself."""
    if isinstance(converted, functools.partial):
        return f"functools.partial({_function(converted.func)}, ...)"
    return getattr(converted, "__qualname__", "") or f"{type(converted).__name__}.forward"


def _asking(error: BaseException) -> tuple[Place, FrameType] | None:
    """The user's call of Paddle's function that converts or saves, and the frame of that function."""
    traceback, user = error.__traceback__, None
    while traceback is not None:
        frame = traceback.tb_frame
        if frames.users(frame):
            user = Place(frame.f_code, traceback.tb_lasti, traceback.tb_lineno)
        elif user is not None and (is_save(frame.f_code) or is_to_static(frame.f_code)):
            return user, frame
        traceback = traceback.tb_next
    return None
