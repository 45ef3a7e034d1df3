"""Remedies are found, probed and applied in one transaction; what fails is said and taken back."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

from shapetrace import discovery
from shapetrace.errors import RemedyError
from shapetrace.patching import Transaction
from shapetrace.remedies import Probe, Remedy, applying

pytestmark = pytest.mark.paddle
TARGET = types.SimpleNamespace(value="original")


class Specific(Remedy):
    name = "specific"
    summary = "sets the value"
    specificity = 100

    def probe(self) -> Probe:
        return Probe("present" if TARGET.value == "original" else "absent")

    def apply(self, transaction: Transaction) -> None:
        transaction.set(TARGET, "value", "specific")


class General(Specific):
    name = "general"
    specificity = 10

    def apply(self, transaction: Transaction) -> None:
        transaction.set(TARGET, "value", "general")


class Failing(Specific):
    name = "failing"
    specificity = 50

    def apply(self, transaction: Transaction) -> None:
        transaction.set(TARGET, "value", "half done")
        raise RuntimeError("no such attribute")


class Confused(Specific):
    name = "confused"

    def probe(self) -> Probe:
        raise RuntimeError("cannot tell")


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Remedy]]:
    """The remedies that are installed."""
    remedies: list[Remedy] = []

    def all_remedies() -> list[Remedy]:
        return sorted(remedies, key=lambda remedy: -remedy.specificity)

    def get(name: str) -> Remedy:
        for remedy in remedies:
            if remedy.name == name:
                return remedy
        raise RemedyError(f"there is no remedy {name}")

    monkeypatch.setattr(discovery, "all_remedies", all_remedies)
    monkeypatch.setattr(discovery, "get", get)
    yield remedies
    assert TARGET.value == "original"


def names(application: Any) -> list[str]:
    return [applied.name for applied in application.applied]


def test_a_named_remedy_is_applied_and_taken_back(given: list[Remedy]) -> None:
    given.append(Specific())
    transaction = Transaction()
    application = applying.apply("specific", transaction)
    assert TARGET.value == "specific"
    assert application.applied[0].changes == ("replaced <SimpleNamespace>.value",)
    transaction.undo()


def test_auto_waits_for_the_conversion_and_takes_the_most_specific_first(given: list[Remedy]) -> None:
    given += [General(), Specific()]
    transaction = Transaction()
    application = applying.apply("auto", transaction)
    assert names(application) == []
    application.settle()
    assert names(application) == ["specific"]  # which leaves the general one nothing to repair
    transaction.undo()


def test_what_waited_in_vain_is_said(given: list[Remedy], monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = Specific()
    waiting.requires = ("json.tool",)
    given.append(waiting)
    monkeypatch.delitem(sys.modules, "json.tool", raising=False)
    application = applying.apply("specific", Transaction())
    application.close()
    assert [str(note) for note in application.notes] == [
        "the remedy specific was not applied: json.tool was never imported"
    ]
    application = applying.apply("specific", Transaction())
    importlib.import_module("json.tool")
    application.close()
    assert [str(note) for note in application.notes] == ["the remedy specific was not applied: nothing was converted"]


def test_a_remedy_that_fails_is_taken_back_whole(given: list[Remedy]) -> None:
    given += [Failing(), Specific()]
    transaction = Transaction()
    with pytest.raises(RemedyError, match="failing failed and was taken back: RuntimeError: no such attribute"):
        applying.apply("failing", transaction)
    assert TARGET.value == "original"


def test_a_probe_that_fails_is_said_and_skipped(given: list[Remedy]) -> None:
    given.append(Confused())
    transaction = Transaction()
    application = applying.apply("auto", transaction)
    application.settle()
    assert names(application) == []
    assert [str(note) for note in application.notes] == [
        "the remedy confused was left out: its probe failed: RuntimeError: cannot tell"
    ]
    transaction.undo()


class Building(Specific):
    """Its probe and its repair build a layer, as the one of RT-DETRv2 is built."""

    name = "building"

    def probe(self) -> Probe:
        import paddle

        layer = paddle.nn.Linear(2, 2)
        layer.register_buffer("scale", paddle.to_tensor([1 / 3, 2 / 3]))
        layer.bias.set_value(paddle.arange(2, dtype="float32"))
        result = paddle.matmul(layer(layer.scale.unsqueeze(0)), layer.weight)
        return Probe(super().probe().state, str(result.dtype).rpartition(".")[-1])

    def apply(self, transaction: Transaction) -> None:
        self.probe()
        super().apply(transaction)


def test_a_remedy_builds_layers_when_the_watch_opens(given: list[Remedy]) -> None:
    given.append(Building())
    transaction = Transaction()
    assert names(applying.apply("building", transaction)) == ["building"]
    transaction.undo()


@pytest.mark.parametrize("where", ["jit.save", "static mode", "auto_cast", "float64"])
def test_a_remedy_builds_layers_wherever_the_conversion_begins(given: list[Remedy], where: str) -> None:
    import paddle
    from paddle.jit import api

    given.append(Building())
    transaction = Transaction()
    application = applying.apply("auto", transaction)

    def settled() -> Probe:
        before = _modes()
        application.settle()
        found = applying.probe(Building())
        assert _modes() == before
        return found

    try:
        if where == "jit.save":
            found = api.switch_to_static_graph(settled)()
        elif where == "auto_cast":
            with paddle.amp.auto_cast(dtype="bfloat16"):
                found = settled()
        else:
            if where == "static mode":
                paddle.enable_static()
            else:
                paddle.set_default_dtype("float64")
            found = settled()
    finally:
        paddle.disable_static()
        paddle.set_default_dtype("float32")
    assert names(application) == ["building"]
    assert application.notes == []
    transaction.undo()
    assert found.state == "absent"  # the value was set, and the layer could be built
    assert found.reason == "float32"


def _modes() -> tuple[object, ...]:
    import paddle

    product = paddle.matmul(paddle.ones([1, 1], "float32"), paddle.ones([1, 1], "float32"))
    return paddle.in_dynamic_mode(), paddle.get_default_dtype(), str(product.dtype)


def test_an_unknown_name_is_refused_before_anything_is_changed(given: list[Remedy]) -> None:
    given.append(Specific())
    with pytest.raises(RemedyError, match="there is no remedy secific"):
        applying.apply(["specific", "secific"], Transaction())


def test_what_is_recorded_pauses_while_a_remedy_probes(given: list[Remedy]) -> None:
    from contextlib import contextmanager

    seen: list[str] = []

    @contextmanager
    def around() -> Iterator[None]:
        seen.append(TARGET.value)
        yield
        seen.append(TARGET.value)

    given.append(Specific())
    transaction = Transaction()
    applying.apply("auto", transaction, around).settle()
    assert seen == ["original", "specific"]
    transaction.undo()
