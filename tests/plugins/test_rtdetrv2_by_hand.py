"""`shapetrace_rtdetrv2.apply()` and `undo()`, without a watch."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from types import ModuleType
from typing import Any

import pytest

import shapetrace
import shapetrace_rtdetrv2
from shapetrace.errors import RemedyError
from shapetrace_rtdetrv2 import patch, stand_ins

pytestmark = pytest.mark.paddle

NEWER, OLDER = "deformable_attention_core_func_v2", "deformable_attention_core_func"


def codes(module: ModuleType) -> list[int]:
    """The identities of the code of both functions: equal code that is another object is not what was there."""
    return [id(getattr(module, name).__code__) for name in (NEWER, OLDER)]


def attention() -> Any:
    return importlib.import_module("ppdet.modeling.transformers.rtdetr_transformerv2").MSDeformableAttention(8, 2, 1)


OURS = [id(getattr(stand_ins, name).__code__) for name in (NEWER, OLDER)]


def test_apply_imports_paddledetection_and_undo_puts_the_very_code_back(stand_in: None) -> None:
    assert patch.MODULE not in sys.modules
    changes = shapetrace_rtdetrv2.apply()
    module = sys.modules[patch.MODULE]
    assert changes == [f"replaced {patch.MODULE}.{name}.__code__" for name in (NEWER, OLDER)]
    assert codes(module) == OURS
    shapetrace_rtdetrv2.undo()
    original = inspect.getsource(getattr(module, NEWER))
    assert "batch, _, heads, width = value.shape" in original


def test_functions_keep_their_identity_and_get_their_code_back(utils: ModuleType) -> None:
    functions, before = [getattr(utils, name) for name in (NEWER, OLDER)], codes(utils)
    attributes = [dict(vars(function)) for function in functions]
    for _ in range(2):
        shapetrace_rtdetrv2.apply()
        assert [getattr(utils, name) for name in (NEWER, OLDER)] == functions
        assert codes(utils) == OURS
        shapetrace_rtdetrv2.undo()
        assert codes(utils) == before
        assert [vars(function) for function in functions] == attributes


def test_a_partial_that_is_held_already_sees_the_repair(utils: ModuleType) -> None:
    import paddle

    held = functools.partial(functools.partial(getattr(utils, NEWER), num_points_list=[3]), sampling_method="bogus")
    shapetrace_rtdetrv2.apply()
    with pytest.raises(ValueError, match="the sampling method is 'bogus'"):  # which only the repaired one says
        held(paddle.zeros([2, 8, 4, 5]), [[2, 4]], paddle.zeros([2, 6, 4, 3, 2]), paddle.zeros([2, 6, 4, 3]))


def test_applying_twice_changes_once_and_is_undone_at_once(utils: ModuleType) -> None:
    before = codes(utils)
    assert len(shapetrace_rtdetrv2.apply()) == 2
    assert shapetrace_rtdetrv2.apply() == []
    shapetrace_rtdetrv2.undo()
    assert codes(utils) == before


def test_undoing_what_was_never_applied_does_nothing(utils: ModuleType) -> None:
    before = codes(utils)
    shapetrace_rtdetrv2.undo()
    shapetrace_rtdetrv2.undo()
    assert codes(utils) == before


def test_a_watch_leaves_what_was_applied_by_hand(utils: ModuleType) -> None:
    before = codes(utils)
    shapetrace_rtdetrv2.apply()
    with shapetrace.watch(remedies="rtdetrv2") as trace:
        assert codes(utils) == OURS
    assert [(applied.name, applied.changes) for applied in trace.remedies] == [("rtdetrv2", ())]
    assert codes(utils) == OURS
    shapetrace_rtdetrv2.undo()
    assert codes(utils) == before


def test_a_model_has_what_its_layers_hold_repaired(utils: ModuleType) -> None:
    import paddle

    before = codes(utils)
    model = paddle.nn.Sequential(paddle.nn.Linear(2, 2), paddle.nn.Sequential(attention()))
    assert shapetrace_rtdetrv2.apply(model) == [f"replaced {patch.MODULE}.{NEWER}.__code__"]
    assert codes(utils) == [OURS[0], before[1]]
    shapetrace_rtdetrv2.undo()
    assert codes(utils) == before


def test_a_model_without_such_attention_is_refused(stand_in: None) -> None:
    import paddle

    with pytest.raises(RemedyError) as caught:
        shapetrace_rtdetrv2.apply(paddle.nn.Linear(2, 2))
    assert str(caught.value) == f"Linear has none of the functions that are repaired: {NEWER}, {OLDER}"


def test_without_paddledetection_it_says_what_to_do(no_paddledetection: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ppdet", None)
    with pytest.raises(RemedyError, match=r"PaddleDetection cannot be imported .*: install it, or pass the model"):
        shapetrace_rtdetrv2.apply()


def test_a_paddledetection_without_the_functions_is_refused(utils: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(utils, NEWER)
    monkeypatch.delattr(utils, OLDER)
    with pytest.raises(RemedyError, match="PaddleDetection as installed has none of the functions"):
        shapetrace_rtdetrv2.apply()


def other_parameters() -> Any:
    def deformable_attention_core_func(value: Any, value_spatial_shapes: Any, sampling_locations: Any) -> Any:
        return value

    return deformable_attention_core_func


def other_default() -> Any:
    def deformable_attention_core_func(  # the same names
        value: Any,
        value_spatial_shapes: Any,
        value_level_start_index: Any,
        sampling_locations: Any,
        attention_weights: Any = None,
    ) -> Any:
        return value

    return deformable_attention_core_func


def closure() -> Any:
    kept = []

    def deformable_attention_core_func(
        value: Any,
        value_spatial_shapes: Any,
        value_level_start_index: Any,
        sampling_locations: Any,
        attention_weights: Any,
    ) -> Any:
        kept.append(value)
        return value

    return deformable_attention_core_func


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (other_parameters, "has the parameters (value: 'Any', value_spatial_shapes: 'Any', sampling_locations: 'Any')"),
        (other_default, "attention_weights: 'Any' = None)"),
        (closure, "is a closure, whose code cannot be exchanged"),
    ],
)
def test_another_function_of_that_name_is_refused_and_nothing_is_changed(
    make: Any, text: str, utils: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = make()
    monkeypatch.setattr(utils, OLDER, function)  # the second one, so that there is something to take back
    before = codes(utils)
    with pytest.raises(RemedyError) as caught:
        shapetrace_rtdetrv2.apply()
    assert text in str(caught.value)
    assert codes(utils) == before
    shapetrace_rtdetrv2.undo()
