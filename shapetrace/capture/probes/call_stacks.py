"""Makes the call stacks that Paddle formats cheaper while something is being converted, and keeps our frames out of them.

Paddle asks `traceback` for a whole Python stack at every op: a quarter of what a conversion takes. `traceback` makes a
summary of each frame anew, though nearly all of them were on the stack of the op before, and asks the file system for each
whether its file has changed, though hardly anybody edits a model while it is converted. Within a conversion each file is
looked at once, and each place in the code is summarised once. The stacks are those of a conversion that nobody watches;
this pays for what the watch costs.
"""

from __future__ import annotations

import linecache
import sys
import traceback
from types import CodeType, FrameType
from typing import TYPE_CHECKING

from shapetrace.capture.source import frames

if TYPE_CHECKING:
    from shapetrace.capture.listener import Listener
    from shapetrace.patching import Transaction


def look_once(listener: Listener, transaction: Transaction) -> None:
    """Have `linecache.checkcache` look at each file once for as long as the transaction lasts."""
    original = linecache.checkcache
    looked: set[str] = set()

    def checkcache(filename: str | None = None) -> None:
        if filename is None:
            looked.clear()
            original()
        elif filename not in looked:
            looked.add(filename)
            original(filename)

    transaction.set(linecache, "checkcache", checkcache)


def summarise_once(listener: Listener, transaction: Transaction) -> None:
    """Have `traceback.extract_stack` make the summary of each place in the code once for as long as the transaction lasts."""
    original = traceback.extract_stack
    extract = traceback.StackSummary.extract
    summaries: dict[tuple[int, int], traceback.FrameSummary] = {}
    kept: list[CodeType] = []  # the keys of `summaries` are ids: keep what they are ids of

    def summary(frame: FrameType) -> traceback.FrameSummary:
        (made,) = extract(iter([(frame, frame.f_lineno)]))
        kept.append(frame.f_code)
        summaries[id(frame.f_code), frame.f_lasti] = made
        return made

    def extract_stack(f: FrameType | None = None, limit: int | None = None) -> traceback.StackSummary:
        outwards = f if f is not None else sys._getframe(1)
        stack = traceback.StackSummary()
        frame: FrameType | None = outwards
        try:
            while frame is not None and frame.f_code.co_filename != frames.RUN:
                if frames.kind(frame.f_code.co_filename) is not frames.OWN:
                    stack.append(summaries.get((id(frame.f_code), frame.f_lasti)) or summary(frame))
                frame = frame.f_back
        except Exception as error:
            listener.fault("a call stack could not be summarised", error)
            return original(outwards, limit)
        stack.reverse()
        if limit is not None:
            del stack[slice(0, max(len(stack) - limit, 0)) if limit >= 0 else slice(-limit, None)]
        return stack

    transaction.set(traceback, "extract_stack", extract_stack)
