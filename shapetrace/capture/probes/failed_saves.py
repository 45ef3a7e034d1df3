"""The exception that leaves a watch, where Paddle raised it when a program was to be saved.

Before anything is asked for, Paddle looks whether the specs are a list, and takes the layer apart; when all is built, it looks whether
every input has a part in the results. What it raises there no conversion knows of. The frames are in the traceback while the watch closes.
"""

from __future__ import annotations

from types import FrameType
from typing import Any

from shapetrace.capture.probes.specs import is_save
from shapetrace.capture.source import frames
from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.sites import Sites
from shapetrace.trace import Failure, Request, Trace


def note(trace: Trace, sites: Sites, error: BaseException) -> None:
    """Keep an exception that ended a save, with the request that it belongs to."""
    save = _save(error)
    if save is None:
        return
    place, frame = save
    site, failure = sites.of(place), Failure(type(error).__name__, str(error))
    request = trace.requests[-1] if trace.requests else None
    if request is not None and request.saves and request.site == site:
        if not request.refused and (request.conversion < 0 or trace.conversions[request.conversion].failure is None):
            request.unsaved = failure
        return
    spec = frame.f_locals.get("input_spec")
    instead = "" if spec is None or isinstance(spec, list | tuple) else type(spec).__name__
    function = _function(frame.f_locals.get("layer"))
    trace.requests.append(Request(function, site=site, saves=True, instead=instead, failure=failure))


def _function(layer: Any) -> str:
    """What is to be saved: the forward of a layer, or the function itself."""
    return getattr(layer, "__qualname__", "") or f"{type(layer).__name__}.forward"


def _save(error: BaseException) -> tuple[Place, FrameType] | None:
    """The user's call of Paddle's function that saves, and the frame of that function."""
    traceback, user = error.__traceback__, None
    save = None
    while traceback is not None:
        frame = traceback.tb_frame
        if frames.users(frame):
            user = Place(frame.f_code, traceback.tb_lasti, traceback.tb_lineno)
        elif user is not None and is_save(frame.f_code):
            save = user, frame
        traceback = traceback.tb_next
    return save
