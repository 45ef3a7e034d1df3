"""The rules: each reads a trace and yields findings. Its page, for people, stands beside it in `pages/`."""

from __future__ import annotations

from shapetrace.plugin import Rule
from shapetrace.rules.registry import all_rules, check, get, page, register, title

__all__ = ["Rule", "all_rules", "check", "get", "page", "register", "title"]
