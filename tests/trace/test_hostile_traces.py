"""A file that is no good trace is refused in one sentence, whatever is wrong with it, and a good one can be used.

`SHAPETRACE_FUZZ=180` damages traces for 180 seconds instead of a few hundred times.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import pickle
import random
import signal
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import damage
from example_traces import healthy_trace
from shapetrace import Trace, load, rules
from shapetrace.cli import main
from shapetrace.errors import TraceFileError
from shapetrace.trace import TensorUseKind
from shapetrace.trace.file import FORMAT_VERSION
from subprocess_run import run_python

pytestmark = pytest.mark.slow

SECONDS = float(os.environ.get("SHAPETRACE_FUZZ", "0"))
LONGEST = 20  # seconds for one damaged trace


def refusal(content: bytes, directory: Path) -> str:
    """What `load` says of a file with this content."""
    path = directory / "hostile.trace"
    path.write_bytes(content)
    with pytest.raises(TraceFileError) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def tree() -> Any:
    """A good trace as plain lists and dicts."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(damage.full_trace()))


@pytest.fixture(params=[0, 1], ids=["full", "healthy"])
def good(request: pytest.FixtureRequest) -> Trace:
    return damage.bases()[request.param]


def test_a_good_trace_comes_back_as_it_was(good: Trace, tmp_path: Path) -> None:
    good.save(tmp_path / "good.trace")

    loaded = load(tmp_path / "good.trace")

    assert msgspec.to_builtins(loaded) == msgspec.to_builtins(good)
    damage.use(loaded)


@pytest.mark.parametrize("kind", get_args(TensorUseKind))
def test_every_use_of_a_tensor_that_is_recorded_can_be_read(kind: TensorUseKind, tmp_path: Path) -> None:
    trace = damage.full_trace()
    trace.tensor_uses = [msgspec.structs.replace(use, kind=kind) for use in trace.tensor_uses]
    for conversion in trace.conversions:
        conversion.failure = None  # which would explain the use by itself
    trace.save(tmp_path / "good.trace")

    loaded = load(tmp_path / "good.trace")

    assert [use.kind for use in loaded.tensor_uses] == [kind] * len(trace.tensor_uses)
    assert any(finding.rule == "ST602" for finding in rules.check(loaded))


def test_every_length_cut_short_is_refused(tmp_path: Path) -> None:
    content = damage.packed(tree())

    for length in range(0, len(content), 7):
        refusal(content[:length], tmp_path)
    inner = zlib.decompress(content[len(damage.MAGIC) :])
    for length in range(0, len(inner), 31):
        refusal(damage.MAGIC + zlib.compress(inner[:length], 1), tmp_path)


def test_every_byte_that_flips_is_noticed(tmp_path: Path) -> None:
    content = damage.packed(tree())

    for place in range(0, len(content), 13):
        changed = bytearray(content)
        changed[place] ^= 0x10
        refusal(bytes(changed), tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not a shapetrace trace"),
        (b"\x80\x04N.", "is not a shapetrace trace"),
        (b"shapetrace", "is not a shapetrace trace"),
        (damage.MAGIC, "cut short"),
        (damage.MAGIC + b"not zlib", "is damaged"),
        (damage.MAGIC + zlib.compress(b""), "is damaged"),
        (damage.MAGIC + zlib.compress(b"\x91" * 100_000), "is damaged"),
        (damage.MAGIC + zlib.compress(b"\x92\x01" + b"\x91" * 5_000_000), "is damaged"),
        (damage.MAGIC + zlib.compress(b"\x92\x01" + b"\x81\xa1a" * 100_000), "is damaged"),
        (damage.MAGIC + zlib.compress(b"\xdd\xff\xff\xff\xff"), "is damaged"),
        (damage.packed({"conversions": 1}), "is damaged"),
        (damage.packed({"anything": 1}, FORMAT_VERSION + 1), "upgrade shapetrace"),
    ],
)
def test_what_is_no_trace_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    assert said in refusal(content, tmp_path)


def test_a_deep_attribute_is_refused(tmp_path: Path) -> None:
    program = {"function": "f", "ops": [["an op", [], [], {"value": 424_242}]]}
    encoded = msgspec.msgpack.encode((FORMAT_VERSION, {"conversions": [program]}))
    deep = encoded.replace(msgspec.msgpack.encode(424_242), b"\x91" * 2_000_000 + b"\xc0")

    assert "is damaged" in refusal(damage.MAGIC + zlib.compress(deep), tmp_path)


def test_a_directory_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.trace"):
        with pytest.raises(TraceFileError, match="cannot read the trace"):
            load(path)


def test_a_pickle_is_not_run(tmp_path: Path) -> None:
    class Runs:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "ran"),)

    for content in (pickle.dumps(Runs()), damage.MAGIC + zlib.compress(pickle.dumps(Runs()))):
        refusal(content, tmp_path)
    assert not (tmp_path / "ran").exists()


def test_a_bomb_takes_bounded_memory(tmp_path: Path) -> None:
    """Eight gigabytes of zeros, packed into a few kilobytes each sixteen megabytes."""
    pack = zlib.compressobj(9)
    start = pack.compress(b"") + pack.flush(zlib.Z_FULL_FLUSH)
    repeated = pack.compress(bytes(1 << 24)) + pack.flush(zlib.Z_FULL_FLUSH)
    (tmp_path / "bomb.trace").write_bytes(damage.MAGIC + start + repeated * 512)

    code = "import sys, shapetrace\ntry: shapetrace.load(sys.argv[1])\nexcept shapetrace.TraceFileError as e: print(e)"
    done = run_python(["-c", code, tmp_path / "bomb.trace"], memory=512 << 20)

    assert "larger than" in done.stdout, done.stderr


def _set(*path: Any, to: Any) -> Any:
    def change(tree: Any) -> None:
        for key in path[:-1]:
            tree = tree[key]
        tree[path[-1]] = to

    return pytest.param(change, id=".".join(map(str, path)))


OP, VALUE, DIM = 2, 2, 1
"""An op, a tensor and a dim of the full trace that have what is changed in them."""
COMPARED, LISTED = 1, 11
"""A use that compares, and one of a dim in a list."""


@pytest.mark.parametrize("wrong", [-7, 10**6])
@pytest.mark.parametrize(
    "path",
    [
        ("conversions", 0, "site"),
        ("conversions", 0, "inputs", 0, "site"),
        ("requests", 0, "defined"),
        ("requests", 0, "site"),
        ("requests", 0, "called"),
        ("requests", 0, "conversion"),
        ("requests", 0, "declared", 1, "site"),
        ("requests", 0, "given", 0, "site"),
        ("requests", 0, "failure", "stack", 0),
        ("conversions", 0, "ops", OP, 1, 0),
        ("conversions", 0, "ops", OP, 2, 0),
        ("conversions", 0, "ops", OP, 5, 0),
        ("conversions", 0, "ops", OP, 6),
        ("conversions", 0, "values", VALUE, 0),
        ("conversions", 0, "values", VALUE, 3, 0),
        ("conversions", 0, "symbols", 1, "op"),
        ("conversions", 0, "failure", "stack", 0),
        ("conversions", 0, "failure", "call", "site"),
        ("conversions", 0, "failure", "call", "arguments", 0, "value"),
        ("conversions", 0, "failure", "call", "arguments", 1, "items", 0, "reads", 0),
        ("dims", 0, 3),
        ("dims", 0, 4),
        ("dims", 0, 6),
        ("dims", 0, 7),
        ("dims", DIM, 2, 0, 1),
        ("uses", 0, "dim"),
        ("uses", 0, "conversion"),
        ("uses", 0, "site"),
        ("uses", 0, "raised"),
        ("uses", 0, "stack", 0),
        ("uses", 1, "other"),
        ("skips", 0, "called"),
        ("skips", 0, "wrapped"),
        ("tensor_uses", 0, "conversion"),
        ("tensor_uses", 0, "site"),
        ("tensor_uses", 0, "tensor", "value"),
        ("findings", 0, "conversion"),
        ("findings", 0, "uses", 0),
    ],
    ids=lambda path: ".".join(map(str, path)),
)
def test_an_index_that_leads_nowhere_is_refused(path: tuple[Any, ...], wrong: int, tmp_path: Path) -> None:
    changed = tree()
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]]  # it is there
    at[path[-1]] = wrong

    assert "is damaged" in refusal(damage.packed(changed), tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        _set("conversions", 0, "ops", OP, 6, to=OP),
        _set("conversions", 0, "ops", OP, 1, 0, to=VALUE),
        _set("conversions", 0, "expressions", 0, to="Add("),
        _set("conversions", 0, "inputs", 0, "claims", to=["B C"]),
        _set("dims", DIM, 2, 0, 1, to=DIM),
        _set("dims", DIM, 1, to="import os"),
        _set("dims", DIM, 1, to="~"),
        _set("sites", 0, "line", to=-1),
        _set("sites", 0, "end_line", to=2**63 - 1),
        _set("findings", 0, "source", "end_line", to=2**63 - 1),
        _set("findings", 0, "severity", to="fatal"),
        _set("dims", DIM, 2, to=[8]),
        _set("dims", 0, 1, to="*"),
        _set("conversions", 0, "inputs", 0, "shape", to=[]),
        _set("uses", COMPARED, "op", to="reshape"),
        _set("uses", COMPARED, "against", to=[]),
        _set("uses", COMPARED, "kind", to="nothing"),
        _set("uses", COMPARED, "result", to={}),
        _set("uses", LISTED, "index", to=2),
        _set("tensor_uses", 0, "kind", to="nothing"),
        _set("tensor_uses", 0, "conversion", to=-1),
    ],
)
def test_what_no_reader_could_follow_is_refused(change: Any, tmp_path: Path) -> None:
    changed = tree()
    change(changed)

    assert "is damaged" in refusal(damage.packed(changed), tmp_path)


@pytest.mark.parametrize("order", [[[], [], []], [0, -1000, 1], [7, 7, 7], ["0", None, 1.5], [], {}])
def test_attributes_that_fit_no_op_keep_nobody_from_asking_why(order: Any, tmp_path: Path) -> None:
    changed = tree()
    ops = changed["conversions"][0]["ops"]
    (first, *_) = [op for op in ops if op[0] == "pd_op.transpose"]
    first[3]["perm"] = order
    (tmp_path / "odd.trace").write_bytes(damage.packed(changed))

    damage.use(load(tmp_path / "odd.trace"))


@pytest.mark.parametrize("command", [["report"], ["why", "image", "0"], ["redact"]])
def test_a_command_says_it_in_one_line(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = tree()
    changed["uses"][0]["dim"] = 99
    path = tmp_path / "hostile.trace"
    path.write_bytes(damage.packed(changed))
    output = ["-o", str(tmp_path / "out")] if command == ["redact"] else []

    code = main([command[0], str(path), *command[1:], *output])

    err = capsys.readouterr().err
    assert code != 0
    assert "a use has the index 99" in err
    assert err.count("\n") == 1


class _TooLong(Exception):
    """A damaged trace kept its readers busy."""


@pytest.fixture
def alarm() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, ring)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def survive(seed: int, path: Path) -> bool:
    """Damage a trace and do all with it that can be done; whether it was loaded at all."""
    path.write_bytes(damage.damaged(random.Random(seed)))
    signal.alarm(LONGEST)
    try:
        loaded = load(path)
    except TraceFileError as refused:
        assert "\n" not in str(refused)
        return False
    damage.use(loaded)
    return True


def test_whatever_is_damaged_is_refused_or_can_be_used(tmp_path: Path, alarm: None) -> None:
    """Each seed is a trace with other faults."""

    @settings(derandomize=True, database=None, deadline=None, max_examples=100)
    @given(st.integers(0, 2**32))
    def tried(seed: int) -> None:
        survive(seed, tmp_path / "damaged.trace")

    tried()


def test_each_single_change_is_refused_or_stood_by_every_rule(tmp_path: Path) -> None:
    """Some 26,000 changes, of which a short run tries every 29th."""
    path = tmp_path / "changed.trace"
    tried = used = 0
    for content in itertools.islice(damage.each_change(), 0, None, 1 if SECONDS else 29):
        path.write_bytes(content)
        tried += 1
        with contextlib.suppress(TraceFileError):
            damage.judge(load(path))
            used += 1
    assert tried > 800
    assert used > tried // 2


@pytest.mark.skipif(not SECONDS, reason="asked for with SHAPETRACE_FUZZ=seconds")
def test_damage_for_long(tmp_path: Path, alarm: None, capsys: pytest.CaptureFixture[str]) -> None:
    end = time.monotonic() + SECONDS
    seed, used, failed = 0, 0, []
    while time.monotonic() < end:
        seed += 1
        try:
            used += survive(seed, tmp_path / "damaged.trace")
        except Exception as error:
            failed.append((seed, type(error).__name__, str(error)[:200]))
    with capsys.disabled():
        print(f"\n{seed} damaged traces: {seed - used - len(failed)} refused, {used} used, {len(failed)} failed")
    assert not failed, failed[:20]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept.trace"
    healthy_trace(1).save(path)
    before = path.read_bytes()

    class Full:
        def __init__(self, file: Any) -> None:
            self.file = file

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def write(self, content: bytes) -> int:
            self.file.write(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(
        "builtins.open", lambda *args, **kwargs: Full(os.fdopen(os.open(args[0], os.O_CREAT | os.O_WRONLY), "wb"))
    )
    with pytest.raises(OSError, match="No space left"):
        damage.full_trace().save(path)
    monkeypatch.undo()

    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["kept.trace"]


def test_a_limit_on_file_size_leaves_what_was_there(tmp_path: Path) -> None:
    """The operating system itself refuses the write half way."""
    code = f"""
import resource, signal, sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from example_traces import healthy_trace
healthy_trace(1).save("kept.trace")
size = len(open("kept.trace", "rb").read())
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
try:
    healthy_trace(60).save("kept.trace")
except OSError as error:
    print(error.errno, size)
"""
    done = run_python(["-c", code], cwd=tmp_path)

    number, size = map(int, done.stdout.split())
    assert number == errno.EFBIG
    assert os.listdir(tmp_path) == ["kept.trace"]
    assert (tmp_path / "kept.trace").stat().st_size == size
    assert len(load(tmp_path / "kept.trace").conversions) == 1
