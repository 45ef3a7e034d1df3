"""Work in a process of its own: its answer comes whole or not at all, within one deadline, and the user's process notices nothing."""

from __future__ import annotations

import itertools
import os
import resource
import selectors
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shapetrace import forking
from shapetrace.forking import Limits, Task

LONG = 60.0
"""Seconds that nothing here takes unless it is broken."""


def outcome(work: object, limits: Limits = Limits()) -> forking.Outcome:  # noqa: B008  it is immutable
    return Task(work, limits).outcome(LONG)  # type: ignore[arg-type]


def by_itself(user: Callable[[], bytes]) -> bytes:
    """What a user's program returns, in a process that has no other children: this one may still have those of other tests."""
    return forking.run(user, Limits()).content


def hang() -> bytes:
    time.sleep(LONG)
    return b"late"


def spin() -> bytes:
    while True:
        pass


def die() -> bytes:
    os.kill(os.getpid(), signal.SIGSEGV)
    return b"alive"


def hog() -> bytes:
    return bytes(len(bytearray(1 << 30)) and 1)


@pytest.fixture
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1200:
        pytest.skip("this system lets nobody open so many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    yield
    for descriptor in opened:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def ended() -> Iterator[list[int]]:
    """Hears of children that end, as the user's program does."""
    heard: list[int] = []
    before = signal.signal(signal.SIGCHLD, lambda number, frame: heard.append(number))
    yield heard
    signal.signal(signal.SIGCHLD, before)


def test_a_long_answer_comes_whole() -> None:
    content = bytes(range(256)) * 20_000
    assert outcome(lambda: content) == forking.Outcome(content)


def test_an_empty_answer_is_none() -> None:
    assert outcome(lambda: b"").content == b""


@pytest.mark.parametrize("work", [die, lambda: 1 // 0, lambda: os._exit(3)])
def test_work_that_dies_says_nothing_else(work: object, capfd: pytest.CaptureFixture[str]) -> None:
    assert outcome(work) == forking.Outcome(b"", "it died, or used up what it may")
    assert capfd.readouterr() == ("", "")


def test_work_ends_by_itself_when_it_has_used_up_its_cpu_time() -> None:
    assert outcome(spin, Limits(cpu=0.1)).content == b""


def test_work_gets_no_more_memory_than_it_may_have() -> None:
    assert outcome(hog, Limits(memory=64 << 20)).content == b""
    assert outcome(hog, Limits(memory=3 << 30)).content == b"\0"


def test_work_ends_with_the_process_that_asked_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "alive")

    def work() -> bytes:
        with open(tmp_path / "alive", "wb", buffering=0) as alive:
            alive.write(b"!")
            time.sleep(10 * LONG)
        return b"late"

    user = os.fork()
    if user == 0:
        Task(work, Limits(seconds=20 * LONG, cpu=20 * LONG))
        time.sleep(10 * LONG)
        os._exit(0)
    with open(tmp_path / "alive", "rb", buffering=0) as alive:
        assert alive.read(1) == b"!"
        os.kill(user, signal.SIGKILL)
        os.waitpid(user, 0)
        with selectors.DefaultSelector() as selector:
            selector.register(alive, selectors.EVENT_READ)
            assert selector.select(LONG), "it goes on"
        assert alive.read(1) == b""


def test_an_answer_that_is_not_there_yet_can_be_asked_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    task = Task(lambda: (tmp_path / "go").read_bytes(), Limits())
    for _ in range(1000):
        assert not task.ended
    (tmp_path / "go").write_bytes(b"gone")
    assert task.outcome(LONG).content == b"gone"


def test_the_deadline_is_one_in_all() -> None:
    assert outcome(hang, Limits(seconds=0.3)).content == b"", "it is over long before it would answer"


def test_nobody_waits_who_does_not_want_to() -> None:
    ticks = itertools.count()
    task = Task(hang, Limits(), clock=lambda: float(next(ticks)))
    assert not task.ended
    assert "cut short" in task.outcome().how
    assert task.outcome().cut_short
    assert task.outcome(LONG).content == b"", "what was cut short is over"


def test_children_that_are_ignored(ended: list[int]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    assert outcome(lambda: b"answer").content == b"answer"


def test_more_open_files_than_select_can_bear(many_files: None) -> None:
    assert outcome(lambda: b"answer").content == b"answer"


def test_the_user_hears_of_no_child_but_his_own() -> None:
    def user() -> bytes:
        heard: list[int] = []
        signal.signal(signal.SIGCHLD, lambda number, frame: heard.append(number))
        answer = outcome(lambda: b"answer").content
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return b"a signal" if heard else answer
        return b"a child"

    assert by_itself(user) == b"answer"


def test_the_users_own_child_is_heard_of_and_waited_for() -> None:
    def user() -> bytes:
        heard: list[int] = []
        signal.signal(signal.SIGCHLD, lambda number, frame: heard.append(number))
        child = os.fork()
        if child == 0:
            os._exit(7)
        task = Task(lambda: b"answer", Limits())
        waited = os.wait() == (child, 7 << 8)
        return task.outcome(LONG).content if waited and set(heard) == {signal.SIGCHLD} else b"another child"

    assert by_itself(user) == b"answer"


def test_a_handler_that_waits_for_any_child_meets_none_of_ours() -> None:
    def user() -> bytes:
        met: list[int] = []
        signal.signal(signal.SIGCHLD, lambda number, frame: met.append(os.wait()[0]))
        answer = outcome(lambda: b"answer").content
        return b"a child" if met else answer

    assert by_itself(user) == b"answer"


def test_the_users_files_are_not_held_open() -> None:
    reading, writing = os.pipe()
    task = Task(hang, Limits())
    os.close(writing)
    assert os.read(reading, 1) == b"", "nobody else can write to it"
    os.close(reading)
    task.outcome()


def test_a_fork_of_the_user_takes_no_answer_away() -> None:
    task = Task(lambda: b"answer", Limits())
    child = os.fork()
    if child == 0:
        os._exit(0 if task.outcome(LONG) == forking.Outcome(b"", "another process has started it") else 1)
    assert os.waitpid(child, 0) == (child, 0)
    assert task.outcome(LONG).content == b"answer"


def test_what_waits_tells_how_it_died() -> None:
    assert forking.run(lambda: b"answer", Limits()) == forking.Outcome(b"answer")
    assert forking.run(die, Limits()).how == "it died of SIGSEGV"
    assert forking.run(spin, Limits(cpu=0.1)).how == "it did not end within 0.1 s"
    assert forking.run(lambda: 1 // 0, Limits()).how == "it died"  # type: ignore[arg-type, return-value]


def test_no_file_is_left_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for work in (lambda: b"answer", die, hang):
        Task(work, Limits()).outcome(0.0 if work is hang else LONG)
    assert len(os.listdir("/proc/self/fd")) == before
