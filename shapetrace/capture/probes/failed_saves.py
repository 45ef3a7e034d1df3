"""The exception that leaves a watch, where Paddle raised it when a program was to be saved.

Before anything is asked for, Paddle looks whether the specs are a list; when all is built, whether every input has a part in the
results. Both end in an exception that no conversion knows of. The frames are in its traceback while the watch closes.
"""

from __future__ import annotations

from types import FrameType

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
    if spec is not None and not isinstance(spec, list | tuple):
        function = f"{type(frame.f_locals.get('layer')).__name__}.forward"
        trace.requests.append(Request(function, site=site, saves=True, instead=type(spec).__name__, failure=failure))


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
