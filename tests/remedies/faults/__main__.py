"""See the package."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "acme_like"), str(HERE.parent.parent / "plugins" / "ppdet_like")]

import forked  # noqa: E402  what it imports is found only now

from . import interrupts, overlapping, strangers  # noqa: E402

GROUPS = (
    strangers.opening,
    strangers.settling,
    strangers.settling_late,
    strangers.undoing,
    interrupts.in_conversions,
    interrupts.every_change,
    interrupts.every_change_of_a_watch,
    interrupts.every_line_of_a_watch,
    interrupts.every_line_of_settling,
    interrupts.every_line_by_hand,
    overlapping.threads_in_a_watch,
    overlapping.closing_over_a_conversion,
    overlapping.settling_at_once,
    overlapping.one_after_the_other,
)

interrupts.warm_up()
strangers.warm_up()
wanted = sys.argv[1:]
for group in GROUPS:
    if not wanted or group.__name__ in wanted:
        forked.run(group.__name__, group)
