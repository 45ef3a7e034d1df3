"""Asks an environment what it has installed, without importing Paddle."""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec

from shapetrace.sweep.jobs import Known
from shapetrace.sweep.plan import Environment

_SECONDS = 300
_KNOWN = msgspec.json.Decoder(Known)  # made here: msgspec must not learn a type in two threads at once
_PROBE = """
import hashlib, importlib.metadata, json, platform
from shapetrace.version import __version__
found = {}
for each in importlib.metadata.distributions():
    found.setdefault((each.metadata["Name"] or "").lower().replace("_", "-"), each.version)
paddle = next((found[name] for name in sorted(found) if name.startswith("paddlepaddle")), "")
packages = hashlib.sha256(json.dumps(sorted(found.items())).encode()).hexdigest()
told = {"python": platform.python_version(), "paddle": paddle, "shapetrace": __version__, "packages": packages}
print("told " + json.dumps(told))
"""


class Asked(msgspec.Struct, frozen=True):
    """What came of asking an environment."""

    known: Known | None
    fault: str = ""
    """Why nothing is known, as the end of a sentence."""


def variables(environment: Environment) -> dict[str, str]:
    """All environment variables of what runs in an environment."""
    return {**os.environ, "PYTHONHASHSEED": "0", **environment.variables}


def interpreter(environment: Environment) -> str:
    """The Python of an environment."""
    return os.path.expanduser(environment.python) or sys.executable


def ask(environment: Environment) -> Asked:
    """Ask an environment, from the machine of a worker, where it must be."""
    python = interpreter(environment)
    try:
        done = subprocess.run(
            [python, "-c", _PROBE],
            env=variables(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except OSError as error:
        return Asked(None, f"{python} cannot be run: {error.strerror}")
    except subprocess.TimeoutExpired:
        return Asked(None, f"{python} says nothing for {_SECONDS} s")
    told = [line for line in done.stdout.splitlines() if line.startswith("told ")]
    if done.returncode or not told:
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        return Asked(None, f"{python} cannot import shapetrace: {last}")
    return Asked(_KNOWN.decode(told[-1].removeprefix("told ")))
