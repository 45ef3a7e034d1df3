"""The findings of the small models, whole, as files that a reviewer can read: `models/golden/MODEL.json`.

    python tests/whole_findings.py [NAME...]          # writes the files of all models again, or of those named

Look at what `git diff` shows then: every line of it is something that users will be told in another way. A place is written in
one line, `models/branch.py:20:8-20:18 n > 4 in decide`; nothing depends on where the repository lies.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from recorded_traces import DIRECTORY, Recordings, modules, twins
from shapetrace import Trace, graph, rules
from shapetrace.reports import json_report
from shapetrace.reports.translations import catalog
from shapetrace.trace import Finding, Fix, Said, Sentence

if TYPE_CHECKING:
    import networkx

HERE = Path(__file__).resolve().parent
GOLDEN = HERE / "models" / "golden"
COMMAND = "python tests/whole_findings.py"
OF_NONE = frozenset({"ST703", "ST802", "ST905"})
"""Rules that tell of a None of the user's; another one that says None has lost what was to be said."""
_ABOVE = re.compile(r"[^\s`'\"]*/tests/(?=models/|watched_models\.py)")
_WHERE = ("file", "line", "column", "end_line", "end_column", "code", "function")


def path_of(module: str) -> Path:
    """The file that holds the findings of a module of models."""
    return GOLDEN / f"{module.removeprefix('models.')}.json"


def seen(recorded: Recordings, module: str) -> str:
    """The findings of a model's twins, as the file has them."""
    found = {twin.rpartition(":")[2]: _of_twin(recorded, twin) for twin in twins([module])}
    return laid_out(found) + "\n"


def _of_twin(recorded: Recordings, twin: str) -> Any:
    if recorded.recording(twin).died:
        return ["the export ends its process"]
    trace = recorded.trace(twin)
    trace.findings = rules.check(trace)
    for finding in trace.findings:
        see_that_it_can_be_told(finding)
    return [told(trace, finding) for finding in trace.findings]


def see_that_it_can_be_told(told: Finding | Fix) -> None:
    """See that a file can hold what is told, a finding of ours or a fix, and that its sentences are worded in each language."""
    msgspec.msgpack.decode(msgspec.msgpack.encode(told), type=type(told))  # raises for what no field takes
    sentences = [told.said, *(told.remarks if isinstance(told, Finding) else ())]
    assert all(isinstance(sentence, Said) for sentence in sentences), sentences
    parts = [part for sentence in sentences for part in _parts(sentence)]
    assert {part.template for part in parts} <= catalog("zh").sentences.keys()
    meant = isinstance(told, Finding) and told.rule in OF_NONE
    assert meant or not any("None" in part.values for part in parts), sentences
    if isinstance(told, Finding) and told.fix is not None:
        see_that_it_can_be_told(told.fix)


def _parts(sentence: Sentence) -> Iterator[Said]:
    if isinstance(sentence, Said):
        yield sentence
        for value in sentence.values:
            yield from _parts(value)


def told(trace: Trace, finding: Finding) -> dict[str, Any]:
    """A finding without what is empty, and the way that a picture of it shows, edge by edge."""
    whole = json.loads(json.dumps(json_report.finding(finding)))
    whole["way"] = _way(graph.finding_slice(trace, finding))
    return {name: _short(value) for name, value in whole.items() if value not in (None, [], "", [""], -1)}


def _way(drawn: networkx.DiGraph[str]) -> list[str]:
    nodes = drawn.nodes
    return [
        f"{nodes[start]['label']} -> {nodes[end]['label']}" + (f" [{edge['symbolic']}]" if edge.get("symbolic") else "")
        for start, end, edge in drawn.edges(data=True)
        if edge.get("guilty") and nodes[end]["kind"] != "finding"
    ]


def laid_out(value: Any, depth: int = 0) -> str:
    """JSON in which what fits into a line is one."""
    line = json.dumps(value, ensure_ascii=False)
    if depth + len(line) <= 120 or not isinstance(value, list | dict):
        return line
    inner = " " * (depth + 1)
    if isinstance(value, list):
        items = [f"{inner}{laid_out(item, depth + 1)}" for item in value]
        return "[\n" + ",\n".join(items) + f"\n{' ' * depth}]"
    items = [f"{inner}{json.dumps(name)}: {laid_out(item, depth + 1)}" for name, item in value.items()]
    return "{\n" + ",\n".join(items) + f"\n{' ' * depth}}}"


def _short(value: Any) -> Any:
    """A value in which each place is one line, and each path starts at `tests`, or at the package it belongs to."""
    if isinstance(value, str):
        return _ABOVE.sub("", value)
    if isinstance(value, list):
        return [_short(item) for item in value]
    if not isinstance(value, dict):
        return value
    if not {"file", "line"} <= value.keys():
        return {name: _short(item) for name, item in value.items() if item not in (None, "", [])}
    rest = {name: _short(item) for name, item in value.items() if name not in _WHERE and item not in (None, "", [])}
    return {"at": _place(value), **rest} if rest else _place(value)


def _place(site: dict[str, Any]) -> str:
    _, _, package = site["file"].rpartition("/site-packages/")
    file = _short(package)
    where = f":{site['line']}" if package == site["file"] else ""  # lines of Paddle's own files are no business of ours
    if where and site.get("end_line"):
        where += f":{site['column']}-{site['end_line']}:{site['end_column']}"
    code, function = " ".join(site.get("code", "").split()), site.get("function", "")
    return f"{file}{where}" + (f" `{code}`" if code else "") + (f" in {function}" if function else "")


def main(names: Sequence[str]) -> None:
    """Write the files again, and take away those whose model is gone."""
    asked = [f"models.{name.removeprefix('models.')}" for name in names] or modules("models") + modules(
        "models/reported"
    )
    with tempfile.TemporaryDirectory() as directory:
        recorded = Recordings(Path(os.environ.get(DIRECTORY, directory)))
        recorded.record(twins(asked))
        for module in asked:
            path_of(module).parent.mkdir(parents=True, exist_ok=True)
            path_of(module).write_text(seen(recorded, module), encoding="utf-8")
    if not names:
        for path in set(GOLDEN.glob("*.json")) - set(map(path_of, asked)):
            path.unlink()


if __name__ == "__main__":
    sys.path[:0] = [str(HERE.parent), str(HERE.parent / "plugins")]
    main(sys.argv[1:])
