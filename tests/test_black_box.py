"""What one process has written another reads, whatever ended the first, and in the middle of what."""

from __future__ import annotations

import os
import signal

import pytest

from shapetrace.black_box import BlackBox


@pytest.fixture
def box() -> BlackBox:
    made = BlackBox(1 << 16)
    made.take()
    return made


def test_the_last_mark_counts(box: BlackBox) -> None:
    assert box.last_mark() == b""
    for content in (b"first", b"the second", b"3"):
        box.mark(content)
        assert box.last_mark() == content


def test_a_mark_that_is_cut_short_is_none(box: BlackBox, monkeypatch: pytest.MonkeyPatch) -> None:
    box.mark(b"whole")
    box.mark(b"whole, too")

    class Killed(Exception):
        pass

    class Memory:
        """Stops the writer before it says which of its two cells counts."""

        def __init__(self, memory: object) -> None:
            self.memory = memory

        def __getitem__(self, at: object) -> object:
            return self.memory[at]  # type: ignore[index]

        def __setitem__(self, at: object, value: object) -> None:
            if isinstance(at, int):
                raise Killed
            self.memory[at] = value  # type: ignore[index]

    real = box._memory
    monkeypatch.setattr(box, "_memory", Memory(real))
    with pytest.raises(Killed):
        box.mark(b"cut")
    monkeypatch.setattr(box, "_memory", real)
    assert box.last_mark() == b"whole, too"


def test_a_mark_that_is_too_long_leaves_the_last_one(box: BlackBox) -> None:
    box.mark(b"short")
    box.mark(bytes(1 << 14))
    assert box.last_mark() == b"short"


def test_the_log_is_whole_and_in_order(box: BlackBox) -> None:
    pieces = [bytes([number]) * number for number in range(50)]
    assert all(map(box.append, pieces))
    assert [*box.log()] == pieces


def test_a_full_log_takes_what_there_is_room_for(box: BlackBox) -> None:
    assert box.append(bytes(1 << 15))
    assert not box.append(bytes(1 << 15))
    assert box.append(b"small")
    assert [len(piece) for piece in box.log()] == [1 << 15, 5]


def test_it_outlives_its_writer() -> None:
    box = BlackBox(1 << 16)
    writer = os.fork()
    if writer == 0:
        box.take()
        box.append(b"log")
        box.mark(b"mark")
        box.flag = True
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(writer, 0)
    assert ([*box.log()], box.last_mark(), box.flag) == ([b"log"], b"mark", True)


def test_forks_of_the_writer_write_nothing(box: BlackBox) -> None:
    fork = os.fork()
    if fork == 0:
        box.append(b"log")
        box.mark(b"mark")
        os._exit(0)
    os.waitpid(fork, 0)
    assert ([*box.log()], box.last_mark()) == ([], b"")
