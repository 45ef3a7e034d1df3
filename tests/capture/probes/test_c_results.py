"""What C makes of a dim is followed to where it enters the program, and nothing is said where it does not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

import versions

pytestmark = pytest.mark.paddle

CODE = """
import contextlib, decimal, fractions, functools, json, logging, math, statistics
import numpy as np
import paddle
from paddle.static import InputSpec
import shapetrace

def assigned(x):
    n = 1.0 / (x.shape[1] * x.shape[2])
    return x * n
def helper(sizes): return np.prod(sizes)
def returned(x):
    area = helper(x.shape[1:])
    return x / area
def in_attribute(x):
    class Settings: pass
    settings = Settings(); settings.scale = 1.0 / x.shape[1]
    return x * settings.scale
def by_keywords(x):
    settings = {"scale": 1.0 / x.shape[1]}
    return paddle.scale(x, **settings)
def in_list(x):
    sizes = [int(d * 0.5) for d in x.shape[1:]]
    return x[:, : sizes[0]]
def in_list_beside_others(x):
    sizes = [int(d) for d in x.shape]
    return x * sizes[1]
def in_tuple(x):
    sizes = (2, int(x.shape[1] * 0.5) + 2)
    return x[:, : sizes[1]]
def in_dict(x):
    sizes = {"height": int(x.shape[1] * 0.5) + 2, "width": 3}
    return x[:, : sizes["height"]]
def int_in_attribute(x):
    class Settings: pass
    settings = Settings(); settings.height = int(x.shape[1] * 0.5) + 2
    return x[:, : settings.height]
def of_a_generator(x):
    sizes = tuple(int(d * 0.5) + 2 for d in x.shape[1:])
    return x[:, : sizes[0]]
def of_a_generator_behind_a_known_size(x):
    batch, height, width = tuple(int(d) for d in x.shape)
    return x[:, :, : width * 2 + 4]
def of_a_map(x):
    sizes = list(map(lambda d: int(d * 0.5) + 2, x.shape[1:]))
    return x[:, : sizes[0]]
def half(sizes): return tuple(int(d * 0.5) + 2 for d in sizes)
def returned_tuple(x):
    height, width = half(x.shape[1:])
    return paddle.ones([height, width]) * x.mean()
class Sizes(list):
    def __setitem__(self, place, value): raise TypeError("these sizes are fixed")
def fixed(sizes): return Sizes(sizes)
def in_a_list_of_the_users_own(x):
    sizes = fixed([int(d * 0.5) + 2 for d in x.shape[1:]])
    return x[:, : sizes[0]]
def in_place(x):
    y = x * 1.0
    y[:, 0] = 1.0 / x.shape[1]
    return y
def array_unpacked(x):
    height, width = np.array(x.shape[1:]) // 2
    return x[:, : int(height) + 2]
def array_in_a_loop(x):
    total = 0
    for size in np.array(x.shape[1:]):
        total += int(size)
    return x * total
def array_in_a_comprehension(x):
    sizes = np.array(x.shape[1:]) * 2
    height, width = [int(size) for size in sizes]
    return x * height + width
def arrays_zipped(x):
    scales = [float(size / stride) for size, stride in zip(np.array(x.shape[1:]), (8, 16))]
    return x * scales[1]
def array_enumerated(x):
    total = 0.0
    for place, size in enumerate(np.asarray(x.shape)):
        total = total + place * size
    return x * float(total)
def array_mapped(x):
    height, width = map(int, np.array(x.shape[1:]) * 2)
    return x * width
def array_listed(x):
    height, width = tuple(np.array(x.shape[1:]) * 2)
    return x * float(width)
def array_negated(x):
    bottom, right = -np.array(x.shape[1:]) % 8
    return paddle.nn.functional.pad(x, [0, 0, 0, int(bottom), 0, int(right)])
def sliced_array(x):
    width, height = np.array(x.shape[1:])[::-1][0], 2
    return x * float(width)
def positions(x):
    table = np.arange(x.shape[1])[:, None] / np.power(10000, np.arange(0, 8, 2) / 8)
    return x + paddle.to_tensor(np.sin(table).sum(), dtype="float32")
def fraction(x):
    ratio = fractions.Fraction(x.shape[1], 4) + 1
    return x * float(ratio)
def decimal_number(x): return x * float(decimal.Decimal(x.shape[1]) / 4)
def mean_of_sizes(x): return x * statistics.mean(x.shape[1:])
def array_of_constants(x):
    sizes, height = np.array([2, 3]), x.shape[1]
    first, second = [int(size) for size in sizes]
    return x * first + second
def written_into(x):
    table = np.zeros(x.shape[1] * 0 + 3)
    table[0] = x.shape[1]
    return x * paddle.to_tensor(table, "float32").sum()
def table_of_a_constant(x):
    table = np.zeros(x.shape[1] * 0 + 3)
    return x * float(table.sum())
def of_a_long_sum(x):
    height, y = x.shape[1], x * 1.0
    return (SUM) * float(height)
def unused(x):
    area, root, half = np.prod(x.shape), math.sqrt(x.shape[1] + 10), 0.5 * x.shape[1]
    logging.debug("%s %s %s", area, root, half)
    return x * 2.0

CASES = {
    "power": lambda x: x * (x.shape[1] ** -0.5),
    "float_first": lambda x: x * (0.5 * x.shape[1]),
    "quotient": lambda x: x / (x.shape[1] * x.shape[2] + 1e-6),
    "float": lambda x: x * float(x.shape[1]),
    "sqrt": lambda x: x / math.sqrt(x.shape[1] + 10),
    "full": lambda x: paddle.full([2], x.shape[1] / 2.0),
    "clip": lambda x: x.clip(0.0, x.shape[1] / 2),
    "int": lambda x: x * int(x.shape[1]),
    "ceil": lambda x: x[:, : math.ceil(x.shape[1] / 2)],
    "branch": lambda x: x * 2.0 if 0.5 * x.shape[1] < 3 else x,
    "prod": lambda x: x * float(np.prod(x.shape[1:])),
    "log": lambda x: x * np.log(x.shape[1] + 9),
    "array": lambda x: x * float(np.array(x.shape)[1]),
    "to_tensor": lambda x: x * paddle.to_tensor(np.array(x.shape[1:], "float32")),
    "float64_first": lambda x: x * (np.float64(0.5) * x.shape[1]),
    "dropped_start": lambda x: x[:, x.shape[1] // 2 + 1 :],
    "dropped_step": lambda x: x[:, :: x.shape[1] + 2],
    "dropped_number": lambda x: x + paddle.nn.functional.one_hot(paddle.zeros([2], "int64"), x.shape[1]).cumsum(1).sum(),
    "joined_lists": lambda x: x.unsqueeze(0).expand([int(math.sqrt(x.shape[1] * x.shape[1]))] + [-1] * 3).sum(0),
    "listed": lambda x: x.reshape([2, int(np.prod(x.shape[1:]) * 3.0)]),
    "listed_product": lambda x: x.reshape([int(x.shape[0] * x.shape[1] * 3), -1]),
    "repeated": lambda x: sum([x] * (int(x.shape[1] * 1.0) + 3)),
    "by_keyword": lambda x: paddle.tril(x, diagonal=x.shape[1] - 2),
    "half_to_crop": lambda x: paddle.crop(x, shape=[2, x.shape[1] // 2, -1]),
    "of_a_list_again": lambda x: x * (0.5 * list(x.shape)[1]),
    "of_a_sorted_list": lambda x: x * (0.5 * sorted([x.shape[1], x.shape[1]])[0]),
    "of_a_reversed_list": lambda x: x * (0.5 * list(reversed(x.shape))[0]),
    "constant": lambda x: x * ((x.shape[1] - x.shape[1] + 4) / 2.0),
    "quotient_of_itself": lambda x: x * (float(x.shape[1]) / x.shape[1]),
    **{f.__name__: f for f in (assigned, returned, in_attribute, by_keywords, in_list, in_list_beside_others, in_tuple,
       in_dict, int_in_attribute, of_a_generator, of_a_generator_behind_a_known_size, of_a_map, returned_tuple, in_a_list_of_the_users_own, in_place, unused,
       array_unpacked, array_in_a_loop, array_in_a_comprehension, arrays_zipped, array_enumerated, array_mapped,
       array_listed, array_negated, sliced_array, positions, fraction, decimal_number, mean_of_sizes, array_of_constants,
       table_of_a_constant, written_into, of_a_long_sum)},
}

class Net(paddle.nn.Layer):
    def __init__(self, call):
        super().__init__()
        self.call = functools.partial(call)
    def forward(self, x): return self.call(x)

for name, case in CASES.items():
    spec = [InputSpec([2, -1, -1], "float32", "x")]
    with contextlib.suppress(TypeError, AssertionError), shapetrace.watch() as trace:  # 2.6 refuses a complex number
        net = Net(case)
        paddle.jit.to_static(net, input_spec=spec, full_graph=True).forward.concrete_program
    told = [f.rule for f in trace.findings if f.severity == "error" and f.sink.file == __file__ and "scalar_" not in f.message]
    print(json.dumps({"name": name, "told": sorted(set(told)), "notes": trace.notes}))
""".replace("SUM", " + ".join(["y"] * 60))

EXPECTED = {
    "ST301": "power float_first quotient float sqrt full clip assigned in_attribute by_keywords in_place "
    "fraction decimal_number of_a_long_sum of_a_list_again of_a_sorted_list of_a_reversed_list",
    "ST302": "prod log array to_tensor float64_first returned listed array_unpacked array_in_a_loop array_in_a_comprehension "
    "arrays_zipped array_enumerated array_mapped array_listed array_negated sliced_array positions written_into",
    "ST101": "listed_product",
    "ST102": "int ceil in_list in_list_beside_others in_tuple in_dict int_in_attribute of_a_generator of_a_generator_behind_a_known_size of_a_map returned_tuple in_a_list_of_the_users_own "
    "by_keyword half_to_crop dropped_start dropped_step joined_lists mean_of_sizes",
    "ST103": "dropped_number",
    "ST201": "branch",
    "ST203": "repeated",
    "": "constant quotient_of_itself unused array_of_constants table_of_a_constant",
}
"""The rule that is told of each case; no rule for those that are right, or whose number is not used."""


def test_what_c_makes_of_a_dim_is_told_where_it_enters_the_program(
    run_code: Callable[..., CompletedProcess[str]],
) -> None:
    done = run_code(CODE)
    seen = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    assert done.returncode == 0, done.stderr[-2000:]
    expected = {name: [rule] if rule else [] for rule, names in EXPECTED.items() for name in names.split()}
    expected |= {"power": ["ST101"]} if versions.LEGACY else {}
    if sys.version_info < (3, 11):  # which does not tell what instruction takes an array apart
        expected |= {name: [] for name in expected if name.startswith(("array_", "arrays_"))}
    assert {line["name"]: line["told"] for line in seen} == expected
    assert [line for line in seen if line["notes"]] == []
