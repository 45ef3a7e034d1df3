"""The fixes of a trace as patches: shown, written, or put in front of the files for the length of a run."""

from shapetrace.fix.in_memory import InMemory
from shapetrace.fix.patches import Patch, Patches, choose, collect, patches
from shapetrace.fix.rounds import together
from shapetrace.fix.writing import unified, write

__all__ = ["InMemory", "Patch", "Patches", "choose", "collect", "patches", "together", "unified", "write"]
