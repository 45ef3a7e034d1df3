"""Judges repairs by what the export does: fixes that a machine may apply, and healing, over the models of `writing`.

    python -m oracle.repairing DIRECTORY FIRST COUNT

Prints a JSON line a model that has findings, with what became of it `fixed` and `healed`:

`right`: the export equals dygraph at all sizes, and nothing is said.
`told`: it does not, or is refused, and an error or a warning is there; or what was told before is told still.
`missed`: it is wrong, and nothing is said.
`false alarm`: it is right, and something is said that was not said before.
`changed`: the fixed model is another one in dygraph.
`new`: the fixed model has a finding that the model did not have.
`nothing`: there is no fix that a machine may apply.
`uncounted`: as in `judging`.
"""

from __future__ import annotations

import sys
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import forked
from oracle import judging, writing
from oracle.judging import Exported, Model, said
from shapetrace import edits
from shapetrace.trace import Finding


def repaired(path: Path) -> dict[str, Any]:
    """Export a model as it is, fixed, and healed."""
    model = Model.read(path)
    if model.unfit:
        return {"fixed": "uncounted", "healed": "uncounted"}
    plain = model.exported()
    if plain.uncounted or not (plain.told and plain.wrong):
        return {}
    fixed, after = _fixed(model, plain, path)
    healed = model.exported(heal=True)
    return {
        "findings": list(map(said, plain.told)),
        "fixed": fixed,
        "after": after,
        "healed": _verdict(healed, plain),
        "heal": [*healed.wrong[:1], *map(said, healed.told)],
    }


def _fixed(model: Model, plain: Exported, path: Path) -> tuple[str, list[str]]:
    """What becomes of a copy to which all that a machine may apply is applied."""
    fixes = [finding.fix for finding in plain.trace.findings if finding.fix is not None]
    changes = [edit for fix in fixes if fix.applicability == "machine" for edit in fix.edits]
    if not changes:
        return "nothing", []
    text = edits.applied(path.read_text(encoding="utf-8"), changes)
    copy = path.with_name(f"{path.stem}_fixed.py")
    copy.write_text(text, encoding="utf-8")
    again = Model.read(copy)
    if not all(map(_equal, model.expected, again.expected)):
        return "changed", [str(output) for output in again.expected if isinstance(output, str)][:1]
    export = again.exported()
    verdict = _verdict(export, plain)
    after = [*export.wrong[:1], *map(said, export.told)]
    known = {_kind(finding) for finding in plain.told}
    if not plain.raised and any(_kind(finding) not in known for finding in export.told):
        return "new", after  # what was raised over has hidden the rest
    return verdict, after


def _kind(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.sink.op if finding.sink is not None else ""


def _verdict(export: Exported, plain: Exported) -> str:
    if export.uncounted:
        return "uncounted"
    if export.wrong:
        return "told" if export.told else "missed"
    left = {_kind(finding) for finding in export.told}
    return "right" if not left else "told" if left <= {_kind(finding) for finding in plain.told} else "false alarm"


def _equal(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, str) or isinstance(got, str):
        return isinstance(wanted, str) and isinstance(got, str)
    return np.allclose(wanted, got, rtol=judging.TOLERANCE, atol=judging.TOLERANCE, equal_nan=True)


def main(directory: str, first: str, count: str) -> None:
    """Run from the command line."""
    warnings.simplefilter("ignore")
    forked.CPU = 2 * judging.CPU
    for seed in range(int(first), int(first) + int(count)):
        path = Path(directory) / f"model_{seed}.py"
        path.write_text(writing.source(seed), encoding="utf-8")
        forked.run(str(seed), partial(repaired, path))


if __name__ == "__main__":
    main(*sys.argv[1:])
