"""Repairs that are made while an export is watched, and unmade afterwards.

`shapetrace.plugin` is the manual for writing one.
"""

from __future__ import annotations

from shapetrace.discovery import all_remedies, get, problems
from shapetrace.plugin import Probe, Remedy, hookimpl
from shapetrace.remedies.applying import AUTO, Application, apply, probe

__all__ = ["AUTO", "Application", "Probe", "Remedy", "all_remedies", "apply", "get", "hookimpl", "probe", "problems"]
