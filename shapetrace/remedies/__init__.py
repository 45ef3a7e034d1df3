"""Repairs that are made while an export is watched, and unmade afterwards.

`shapetrace.remedies.protocol` is the manual for writing one.
"""

from __future__ import annotations

from shapetrace.remedies.applying import AUTO, Application, apply, probe
from shapetrace.remedies.discovery import all_remedies, get, problems
from shapetrace.remedies.protocol import Probe, Remedy, hookimpl

__all__ = ["AUTO", "Application", "Probe", "Remedy", "all_remedies", "apply", "get", "hookimpl", "probe", "problems"]
