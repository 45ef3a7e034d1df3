"""What docs/security.md claims: a trace can be read without harm, wherever it is from, and tells no more than is said there."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

import damage
from hostile import hostile_trace
from shapetrace import load
from shapetrace.trace.redaction import redacted
from subprocess_run import ROOT, run_python

READ = """
import os, sys
sys.path[:0] = sys.argv[2:]
import damage, shapetrace
from shapetrace.rules import registry

OURS = (sys.prefix, os.path.dirname(shapetrace.__file__))  # templates, and pages of rules
WATCHED = ("open", "os", "subprocess", "socket", "shutil", "pickle", "urllib", "exec", "import")

for path in ("warm.trace", sys.argv[1]):  # the first time brings the imports
    if path == sys.argv[1]:
        def heard(event, arguments):
            what = str(getattr(arguments[0], "co_filename", arguments[0])) if arguments else ""
            if event.split(".")[0] in WATCHED and not what.startswith(OURS) and what != path and not what.isdigit():
                print(event, what)
        sys.addaudithook(heard)
    damage.use(shapetrace.load(path))
print("done")
"""


def test_reading_a_trace_opens_no_other_file_and_runs_nothing_but_graphviz(tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("the secret = 1\n" * 200, encoding="utf-8")
    trace = damage.full_trace()
    trace.sites[:] = [msgspec.structs.replace(site, file=str(secret)) for site in trace.sites]
    trace.sources = {}
    trace.findings[:] = [
        msgspec.structs.replace(
            finding,
            source=msgspec.structs.replace(finding.source, file=str(secret)),
            sink=msgspec.structs.replace(finding.sink, file=str(secret)),
        )
        for finding in trace.findings
    ]
    for name in ("warm.trace", "asked.trace"):
        trace.save(tmp_path / name)

    done = run_python(["-c", READ, "asked.trace", ROOT / "tests"], cwd=tmp_path)

    *seen, last = done.stdout.splitlines()
    assert last == "done", done.stderr[-2000:]
    assert {(event, name.rpartition("/")[2]) for event, _, name in (line.partition(" ") for line in seen)} <= {
        ("subprocess.Popen", "dot"),
        ("os.posix_spawn", "dot"),
    }


PLUGIN = {
    "evil.py": "open('ran', 'w').close()\n",
    "evil-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n",
    "evil-1.0.dist-info/entry_points.txt": "[shapetrace]\nevil = evil\n",
    "conftest.py": "open('ran', 'w').close()\n",
    "shapetrace.toml": "plugins = ['evil']\n",
}


@pytest.mark.parametrize("command", [["report", "a.trace"], ["report", "a.trace", "--format", "html"], ["rule"]])
def test_what_lies_beside_a_trace_is_no_plugin(command: list[str], tmp_path: Path) -> None:
    place, programs = tmp_path / "downloads", tmp_path / "bin"
    programs.mkdir()
    (programs / "command.py").write_text("import sys\nfrom shapetrace.cli import main\nsys.exit(main())\n")
    for name, content in PLUGIN.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(content, encoding="utf-8")
    damage.full_trace().save(place / "a.trace")

    done = run_python([programs / "command.py", *command], cwd=place)

    assert done.returncode == 0, done.stderr
    assert not (place / "ran").exists()


EXPORT = """
import os, sys
import functools
import paddle
import shapetrace
from paddle.static import InputSpec

PASSWORD = "swordfish"

def merge(x, key):
    local = key + "!"
    return x.reshape([x.shape[0] * 2, -1])

class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        weight = paddle.nn.initializer.Constant(0.7182818)
        self.linear = paddle.nn.Linear(4, 4, weight_attr=weight)
        self.merge = functools.partial(merge, key=os.environ["SECRET_KEY"])

    def forward(self, x):
        return self.merge(self.linear(x))

try:
    with shapetrace.watch() as trace:
        paddle.jit.save(Net(), "out/model", input_spec=[InputSpec([-1, 4], name="x")])
except Exception:
    pass
trace.save("a.trace")
"""


@pytest.mark.paddle
def test_a_trace_tells_the_lines_it_quotes_and_no_values(tmp_path: Path) -> None:
    (tmp_path / "private_model.py").write_text(EXPORT, encoding="utf-8")
    done = run_python(["private_model.py"], cwd=tmp_path, env={"SECRET_KEY": "open-sesame"})
    assert done.returncode == 0, done.stderr

    trace = load(tmp_path / "a.trace")
    told = msgspec.json.encode(trace).decode()

    assert [finding.rule for finding in trace.findings] == ["ST101"]
    assert str(tmp_path) in told
    assert "x.reshape([x.shape[0] * 2, -1])" in told
    for secret in ("open-sesame", "swordfish", "0.7182818"):
        assert secret not in told
    shared = msgspec.json.encode(redacted(trace, "/", source=False)).decode()
    assert str(tmp_path) not in shared
    assert "x.reshape([" not in shared


def test_a_redacted_trace_of_nasty_names_has_no_directory_left() -> None:
    trace = hostile_trace("/home/ann/")

    assert "/home/ann" not in msgspec.json.encode(redacted(trace, "/home/ann")).decode()
