"""The rules: each reads a trace and yields findings. Its page, for people, stands beside it in `pages/`."""

from __future__ import annotations

from shapetrace.rules.registry import Rule, all_rules, check, get, register

__all__ = ["Rule", "all_rules", "check", "get", "register"]
