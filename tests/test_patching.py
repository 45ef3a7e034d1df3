"""Whatever goes wrong, a transaction leaves things as they were."""

from __future__ import annotations

import threading
import types
from typing import Any

import pytest

from shapetrace.patching import RestoreError, Transaction


class Base:
    @staticmethod
    def where() -> str:
        return "base"

    def inherited(self) -> str:
        return "base"


class Derived(Base):
    @classmethod
    def name(cls) -> str:
        return cls.__name__

    @staticmethod
    def plain() -> str:
        return "plain"


class Slotted:
    __slots__ = ("filled", "unfilled")

    def __init__(self) -> None:
        self.filled = 1


def test_attributes_of_modules_classes_and_instances_come_back() -> None:
    module: Any = types.ModuleType("some_module")
    module.answer = 42
    instance = Derived()
    before = dict(vars(Derived))
    transaction = Transaction()
    transaction.set(module, "answer", 1)
    transaction.set(module, "fresh", 2)
    transaction.set(Derived, "plain", staticmethod(lambda: "ours"))
    transaction.set(Derived, "name", classmethod(lambda cls: "ours"))
    transaction.set(Derived, "inherited", lambda self: "ours")
    transaction.set(instance, "inherited", lambda: "ours alone")
    assert (module.answer, module.fresh, instance.plain(), instance.name()) == (1, 2, "ours", "ours")
    assert (instance.inherited(), Derived().inherited()) == ("ours alone", "ours")

    transaction.undo()
    assert module.answer == 42
    assert not hasattr(module, "fresh")
    assert dict(vars(Derived)) == before
    assert vars(instance) == {}
    assert not transaction.active


def test_it_says_what_it_changed_also_after_undoing() -> None:
    module: Any = types.ModuleType("some_module")
    module.answer = 42
    transaction = Transaction()
    transaction.set(module, "answer", 1)
    transaction.set(module, "fresh", 2)
    transaction.set(Derived(), "plain", 3)
    transaction.set_item({}, "key", 4, name="table")
    transaction.callback(lambda: None, what="added a hook")
    transaction.undo()
    assert transaction.changes == [
        "replaced some_module.answer",
        "set some_module.fresh",
        "set <Derived>.plain",
        "set table['key']",
        "added a hook",
    ]


def test_slots_and_dynamic_attributes_come_back() -> None:
    class Dynamic:
        def __init__(self) -> None:
            self.__dict__["stored"] = {"child": 1}

        def __getattr__(self, name: str) -> Any:
            try:
                return self.__dict__["stored"][name]
            except KeyError:
                raise AttributeError(name) from None

        def __setattr__(self, name: str, value: Any) -> None:
            self.stored[name] = value

        def __delattr__(self, name: str) -> None:
            del self.stored[name]

    slotted, dynamic = Slotted(), Dynamic()
    transaction = Transaction()
    transaction.set(slotted, "filled", 2)
    transaction.set(slotted, "unfilled", 2)
    transaction.set(dynamic, "child", 2)
    transaction.set(dynamic, "other", 2)
    transaction.undo()
    assert slotted.filled == 1
    assert not hasattr(slotted, "unfilled")
    assert dynamic.stored == {"child": 1}


def test_items_of_mappings_come_back() -> None:
    table = {"there": 1}
    transaction = Transaction()
    transaction.set_item(table, "there", 2)
    transaction.set_item(table, "absent", 3)
    assert table == {"there": 2, "absent": 3}
    transaction.undo()
    assert table == {"there": 1}


def test_the_same_place_changed_twice_comes_back_in_reverse_order() -> None:
    module: Any = types.ModuleType("some_module")
    module.answer = 42
    transaction = Transaction()
    transaction.set(module, "answer", 1)
    transaction.set(module, "answer", 2)
    transaction.undo()
    assert module.answer == 42


def test_an_error_in_the_block_takes_everything_back_and_goes_on() -> None:
    module: Any = types.ModuleType("some_module")
    with pytest.raises(ZeroDivisionError), Transaction() as transaction:
        transaction.set(module, "fresh", 1)
        _ = 1 / 0
    assert not hasattr(module, "fresh")


def test_leaving_the_block_keeps_the_changes_until_undo() -> None:
    module: Any = types.ModuleType("some_module")
    with Transaction() as transaction:
        transaction.set(module, "fresh", 1)
    assert module.fresh == 1
    transaction.undo()
    assert not hasattr(module, "fresh")


def test_a_change_that_is_refused_leaves_nothing_to_undo() -> None:
    transaction = Transaction()
    with pytest.raises(TypeError):
        transaction.set(int, "bit_length", None)
    assert not transaction.active
    assert transaction.changes == []


def test_one_failing_undo_does_not_stop_the_others() -> None:
    module: Any = types.ModuleType("some_module")

    def fail() -> None:
        raise OSError("disk on fire")

    transaction = Transaction()
    transaction.set(module, "first", 1)
    transaction.callback(fail, what="lit a fire")
    transaction.set(module, "last", 1)
    with pytest.raises(RestoreError, match=r"1 change could not be undone.*lit a fire: OSError: disk on fire"):
        transaction.undo()
    assert not hasattr(module, "first")
    assert not hasattr(module, "last")
    transaction.undo()  # nothing left


def test_an_undo_that_fails_does_not_hide_the_error_that_caused_it() -> None:
    def fail() -> None:
        raise OSError("disk on fire")

    with pytest.raises(ZeroDivisionError), Transaction() as transaction:
        transaction.callback(fail, what="lit a fire")
        _ = 1 / 0
    assert transaction.failures == ["lit a fire: OSError: disk on fire"]


def test_an_interrupt_in_the_middle_undoes_the_rest_and_then_arrives() -> None:
    module: Any = types.ModuleType("some_module")
    calls: list[int] = []

    def interrupted_once() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt

    transaction = Transaction()
    transaction.set(module, "first", 1)
    transaction.callback(interrupted_once)
    with pytest.raises(KeyboardInterrupt):
        transaction.undo()
    assert len(calls) == 2
    assert not hasattr(module, "first")


def test_an_undo_that_is_interrupted_every_time_is_given_up() -> None:
    module: Any = types.ModuleType("some_module")

    def always_interrupted() -> None:
        raise KeyboardInterrupt

    transaction = Transaction()
    transaction.set(module, "first", 1)
    transaction.callback(always_interrupted, what="asked for trouble")
    with pytest.raises(KeyboardInterrupt):
        transaction.undo()
    assert transaction.failures == ["asked for trouble: KeyboardInterrupt"]
    assert not hasattr(module, "first")


def test_what_somebody_else_changed_meanwhile_is_left_alone_and_told() -> None:
    module: Any = types.ModuleType("some_module")
    module.answer = 42
    table: dict[str, Any] = {}
    transaction = Transaction()
    transaction.set(module, "answer", 1)
    transaction.set_item(table, "key", 1, name="table")
    module.answer = table["key"] = "theirs"
    transaction.undo()
    assert (module.answer, table) == ("theirs", {"key": "theirs"})
    assert list(map(str, transaction.left)) == [
        "table['key'] was changed by somebody else meanwhile and stays as it is",
        "some_module.answer was changed by somebody else meanwhile and stays as it is",
    ]


def test_what_somebody_else_put_back_or_deleted_is_no_trouble() -> None:
    module: Any = types.ModuleType("some_module")
    module.answer = 42
    transaction = Transaction()
    transaction.set(module, "fresh", 1)
    transaction.set(module, "answer", 1)
    del module.fresh
    module.answer = 42
    transaction.undo()
    assert transaction.left == []
    assert module.answer == 42


def test_a_part_fails_alone() -> None:
    module: Any = types.ModuleType("some_module")
    transaction = Transaction()
    with transaction.part() as good:
        good.set(module, "good", 1)
    with pytest.raises(ZeroDivisionError), transaction.part() as bad:
        bad.set(module, "bad", 1)
        _ = 1 / 0
    assert module.good == 1
    assert not hasattr(module, "bad")
    assert transaction.changes == good.changes == ["set some_module.good"]
    transaction.undo()
    assert not hasattr(module, "good")


def test_what_a_part_leaves_and_fails_to_undo_is_told_once_by_the_whole() -> None:
    module: Any = types.ModuleType("some_module")

    def fail() -> None:
        raise OSError("disk on fire")

    transaction = Transaction()
    with pytest.raises(ZeroDivisionError), transaction.part() as bad:
        bad.callback(fail, what="lit a fire")
        bad.set(module, "answer", 1)
        module.answer = "theirs"
        _ = 1 / 0
    with transaction.part() as good:
        good.callback(fail, what="lit another")
    with pytest.raises(RestoreError, match=r"1 change could not be undone.*: lit another: OSError: disk on fire$"):
        transaction.undo()
    assert transaction.failures == ["lit a fire: OSError: disk on fire", "lit another: OSError: disk on fire"]
    assert list(map(str, transaction.left)) == [
        "some_module.answer was changed by somebody else meanwhile and stays as it is"
    ]


def test_an_interrupt_in_a_part_arrives_once_everything_is_undone() -> None:
    module: Any = types.ModuleType("some_module")
    calls: list[int] = []

    def interrupted_once() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt

    transaction = Transaction()
    transaction.set(module, "first", 1)
    with transaction.part() as part:
        part.set(module, "second", 2)
        part.callback(interrupted_once)
    with pytest.raises(KeyboardInterrupt):
        transaction.undo()
    assert len(calls) == 2
    assert transaction.failures == []
    assert not hasattr(module, "first") and not hasattr(module, "second")


def test_two_threads_may_change_at_once() -> None:
    module: Any = types.ModuleType("some_module")
    transaction = Transaction()

    def change(prefix: str) -> None:
        for number in range(200):
            transaction.set(module, f"{prefix}{number}", number)

    before = set(vars(module))
    threads = [threading.Thread(target=change, args=(prefix,)) for prefix in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(transaction.changes) == 400
    transaction.undo()
    assert set(vars(module)) == before
