"""Ways to go through a tensor of unknown length: those that never end in a conversion, and those that do. `python endless_models.py` tries them.

Each is converted in a process of its own, which ends by the Ctrl-C that it gets where shapetrace says that it never ends.
"""

from __future__ import annotations

import collections
import json
from typing import Any

import paddle
from paddle.static import InputSpec

import forked
import shapetrace
from shapetrace.capture import session
from shapetrace.capture.probes import iteration


def doubled(value: Any) -> Any:
    return value * 2


def comprehension(x):
    n = x.shape[0]
    return paddle.stack([doubled(x[i]) for i in range(n)])


def list_of_range(x):
    return paddle.to_tensor(list(range(x.shape[0])))


def rows(x):
    return paddle.stack([row * 2 for row in x])


def starred(x):
    return paddle.stack([*x])


def sorted_range(x):
    return sorted(range(x.shape[0]))[0] + x


def to_tuple(x):
    return paddle.stack(tuple(x))


def enumerated(x):
    return paddle.stack([i * row for i, row in enumerate(x)])


def mapped(x):
    return paddle.stack(list(map(doubled, x)))


def generator(x):
    return sum(row.mean() for row in x)


def dict_comprehension(x):
    return {i: x[i] for i in range(x.shape[0])}[0]


def stepped(x):
    return paddle.stack([x[i] for i in range(0, x.shape[0], 2)])


def second_of_two(x):
    return paddle.stack([x[i] + j for i in range(2) for j in range(x.shape[0])])


def over_lines(x):
    positions = [
        i * 2
        for i in range(
            x.shape[0],
        )
    ]
    return x + positions[0]


def extended(x):
    found = []
    found.extend(x)
    return paddle.stack(found)


def asked_for_any(x):
    return x if any(row is None for row in x) else x * 2


def counted(x):
    return x * len(collections.deque(x))


def grown(x):
    outs = []
    for i in range(x.shape[0]):
        outs.append(x[i])
    return outs


def of_array(x):
    outs = grown(x)
    return paddle.stack([out * 2 for out in outs])


def sum_of_array(x):
    outs = []
    for i in range(x.shape[0]):
        outs.append(x[i])
    return sum(outs)


def starred_array(x):
    outs = grown(x)
    return paddle.concat([*outs, x[0]])


def zipped_arrays(x):
    ones, others = grown(x), grown(x * 2)
    return paddle.stack([one * other for one, other in zip(ones, others)])  # noqa: B905  Paddle has a zip without it


ENDLESS = (
    comprehension,
    list_of_range,
    rows,
    starred,
    sorted_range,
    to_tuple,
    enumerated,
    mapped,
    generator,
    dict_comprehension,
    stepped,
    second_of_two,
    over_lines,
    extended,
    asked_for_any,
    counted,
    of_array,
    sum_of_array,
    starred_array,
    zipped_arrays,
)


def for_range(x):
    total = x.sum()
    for i in range(x.shape[0]):
        total = total + x[i].sum()
    return total


def for_rows(x):
    total = x.sum()
    for row in x:
        total = total + row.sum()
    return total


def for_array(x):
    total = x.sum()
    for out in grown(x):
        total = total + out.sum()
    return total + paddle.stack(grown(x)).sum()


def array_by_index(x):
    outs = grown(x)
    return paddle.stack([outs[i] for i in range(12)])


def subscripts(x):
    return paddle.stack([x[i] for i in range(12)])


def known_length(x):
    return paddle.stack([row * 2 for row in paddle.ones([12, 4]) + x.sum()])


def left_by_break(x):
    return x + last_of(x)


@paddle.jit.not_to_static
def last_of(x):
    last = None
    for count, row in enumerate(x):
        last = row
        if count == 20:
            break
    return last


def zipped_with_known(x):
    outs, weights = grown(x), paddle.ones([12, 4])
    return paddle.stack([out * weight + i for out, weight, i in zip(outs, weights, range(20))])  # noqa: B905


ENDING = (for_range, for_rows, for_array, array_by_index, subscripts, known_length, left_by_break, zipped_with_known)


def tried(function: Any) -> dict[str, Any]:
    """What is said while a function is converted, and what is found when that has been ended."""
    said: list[str] = []

    def stop(sentence: str) -> None:
        said.append(sentence)
        if function not in ENDING:
            raise KeyboardInterrupt

    session._to_stderr = stop  # type: ignore[assignment]
    iteration.SECONDS = 0.0
    trace = None
    ended = ""
    try:
        with shapetrace.watch() as trace:
            spec = [InputSpec([-1, 4], "float32", name="x")]
            _ = paddle.jit.to_static(function, input_spec=spec, full_graph=True).concrete_program
    except KeyboardInterrupt:
        ended = "KeyboardInterrupt"
    assert trace is not None
    found = [
        [each.rule, each.message, each.fix.says if each.fix else "", each.sink.code]
        for each in trace.findings
        if each.sink
    ]
    return {
        "said": said,
        "ended": ended,
        "found": found,
        "notes": trace.notes,
        "failed": trace.conversions[0].failure is not None,
    }


if __name__ == "__main__":
    for each in (*ENDLESS, *ENDING):
        forked.warm()
        print(json.dumps({"name": each.__name__, **forked.ask(lambda: tried(each))}), flush=True)  # noqa: B023  done at once
