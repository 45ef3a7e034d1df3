"""What a probe needs to try something in the user's process without leaving a trace there."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any


@contextmanager
def untouched() -> Iterator[None]:
    """Anything in here leaves names, random numbers and Paddle's conversion caches as they were.

    Without it, a layer built by a probe would rename the parameters of layers that the user builds later and change
    how they are initialised.
    """
    import numpy
    import paddle

    caches = _conversion_caches()
    keys_before = [set(cache) for cache in caches]
    generators, python, arrays = paddle.get_rng_state(), random.getstate(), numpy.random.get_state()
    try:
        with paddle.utils.unique_name.guard():
            yield
    finally:
        paddle.set_rng_state(generators)
        random.setstate(python)
        numpy.random.set_state(arrays)
        for cache, before in zip(caches, keys_before, strict=True):
            for key in [key for key in cache if key not in before]:
                cache.pop(key, None)


@contextmanager
def plain_dygraph() -> Iterator[None]:
    """Paddle as a fresh script has it: dygraph mode, float32, no AMP. What was is back afterwards.

    A remedy that waits is probed and applied where a conversion begins. `jit.save` has turned static mode on by then,
    in which `paddle.to_tensor` gives no tensor and layers that register such a buffer cannot be built; the user may be
    inside `auto_cast`, or have another default dtype.
    """
    import paddle
    from paddle.base import dygraph

    dtype = paddle.get_default_dtype()
    try:
        with dygraph.guard(), paddle.amp.auto_cast(enable=False):
            paddle.set_default_dtype("float32")
            yield
    finally:
        paddle.set_default_dtype(dtype)


@contextmanager
def tiny_program() -> Iterator[None]:
    """Ops called in here are built into a program that is thrown away, as the ones of a conversion are built."""
    import paddle
    from paddle.base import framework

    with ExitStack() as stack:
        stack.enter_context(framework._dygraph_guard(None))
        stack.enter_context(paddle.utils.unique_name.guard())
        if paddle.framework.use_pir_api():
            from paddle.pir.core import Program, program_guard
        else:
            from paddle.static import Program, program_guard
        stack.enter_context(program_guard(Program(), Program()))
        yield


def unknown(shape: list[int], dtype: str = "float32") -> Any:
    """A new input of the tiny program; -1 in its shape marks an unknown dim."""
    import paddle

    return paddle.static.data(paddle.utils.unique_name.generate("probe"), shape, dtype)


def wrong_shape(shape: Any) -> bool:
    """Whether a shape holds a size that no tensor has: unknown is -1, and less comes from arithmetic on it."""
    return any(int(dim) < -1 for dim in shape)


def _conversion_caches() -> list[Any]:
    """Paddle's memory of functions it has converted: of the functions, of their syntax trees, of their lines."""
    from paddle.jit.dy2static import origin_info, program_translator

    functions = getattr(program_translator, "_FUNCTION_CACHE", None)
    return [
        cache
        for cache in (
            getattr(functions, "_converted_static_func_caches", None),
            getattr(functions, "_code_to_ast_caches", None),
            getattr(origin_info, "global_origin_info_map", None),
        )
        if cache is not None
    ]


def forget_conversion(function: Any) -> None:
    """Have Paddle convert a function anew, whose code has changed since it was converted."""
    for cache in _conversion_caches()[:1]:
        cache.pop(function, None)
