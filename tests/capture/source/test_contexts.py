"""A dim that is only asked whether it is unknown, or put into a text for people, is no finding; one that is looked up is."""

from __future__ import annotations

import json
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.paddle

CODE = """
import json, logging, sys, warnings
import numpy as np
import paddle
from paddle.static import InputSpec
import shapetrace

log = logging.getLogger("m")
seen = []
def get_unknown(x):
    return x * {-1: 2.0}.get(x.shape[0], 2.0)
def get_of_dict(x):
    known = {-1: "dynamic"}
    kind = known.get(x.shape[0], "static")
    return x * 2.0
def sub_unknown(x):
    return x * {-1: 2.0}[x.shape[0]]
def in_set(x):
    return x * 2.0 if x.shape[0] in {-1, None} else x
def in_dict(x):
    return x * 2.0 if x.shape[0] in {-1: 1} else x
def min_eq(x):
    return x * 2.0 if min(x.shape) == -1 else x * 2.0
def min_lt(x):
    return x * 2.0 if min(x.shape) < 0 else x * 2.0
def min_var(x):
    low = min(x.shape)
    return x * 2.0 if low == -1 else x * 2.0
def min_args(x):
    return x * 2.0 if min(x.shape[0], x.shape[1]) <= 0 else x * 2.0
def sorted_first(x):
    return x * 2.0 if sorted(x.shape)[0] == -1 else x * 2.0
def count(x):
    return x * 2.0 if list(x.shape).count(-1) > 1 else x * 2.0
def index(x):
    at = list(x.shape).index(-1)
    return x * 2.0
def any_(x):
    return x * 2.0 if any(d == -1 for d in x.shape) else x * 2.0
def all_(x):
    return x * 2.0 if all(d > 0 for d in x.shape) else x * 2.0
def isneg(x):
    unknown = [d < 0 for d in x.shape]
    return x * 2.0
def np_any(x):
    return x * 2.0 if (np.array(x.shape) < 0).any() else x * 2.0
def log_f(x):
    log.debug(f"{x.shape[0]}")
    return x * 2.0
def log_pct(x):
    log.debug("%d" % x.shape[0])
    return x * 2.0
def log_lazy(x):
    log.debug("%s", x.shape[0])
    return x * 2.0
def log_var(x):
    text = f"shape {x.shape[0]}"
    log.info(text)
    return x * 2.0
def log_join(x):
    log.info(" x ".join(str(d) for d in x.shape))
    return x * 2.0
def to_list(x):
    seen.append(f"{x.shape[0]}")
    return x * 2.0
def to_list2(x):
    lines = []
    lines.append("%s" % x.shape[0])
    print(lines, file=sys.stderr)
    return x * 2.0
def list_literal(x):
    lines = [str(x.shape[0]), "b"]
    return x * 2.0
def list_comp(x):
    lines = [str(d) for d in x.shape]
    return x * 2.0
def warn(x):
    warnings.warn(f"batch {x.shape[0]}")
    return x * 2.0
def err(x):
    sys.stderr.write(f"batch {x.shape[0]}\\n")
    return x * 2.0
def fmt(x):
    log.info("batch {}".format(x.shape[0]))
    return x * 2.0
def name_key(x):
    return x * {"7": 3.0}.get(str(x.shape[0]), 2.0)
def name_key2(x):
    key = f"{x.shape[0]}x"
    table = {"7x": 3.0}
    return x * (table[key] if key in table else 2.0)
def name_cmp(x):
    return x * 2.0 if str(x.shape[0]) == "7" else x
def key_dim(x):
    return x * {7: 3.0}.get(x.shape[0], 2.0)
def list_key(x):
    parts = [str(d) for d in x.shape]
    return x * {"7x7": 3.0}.get("x".join(parts), 2.0)
def min_size(x):
    return x * float(min(x.shape))

class Calls(paddle.nn.Layer):
    def __init__(self, function):
        super().__init__()
        self.function = paddle.jit.not_to_static(function)
    def forward(self, x):
        return self.function(x)

found = {}
for name in sys.argv[1:]:
    with shapetrace.watch() as trace:
        layer = Calls(globals()[name])
        paddle.jit.to_static(layer, input_spec=[InputSpec([-1, -1], "float32", "x")], full_graph=True).forward.concrete_program
    found[name] = sorted({finding.rule for finding in trace.findings if finding.severity != "note"})
print(json.dumps(found))
"""

HEALTHY = [
    "get_unknown",
    "get_of_dict",
    "sub_unknown",
    "in_set",
    "in_dict",
    "min_eq",
    "min_lt",
    "min_var",
    "min_args",
    "sorted_first",
    "count",
    "index",
    "any_",
    "all_",
    "isneg",
    "np_any",
    "log_f",
    "log_pct",
    "log_lazy",
    "log_var",
    "log_join",
    "to_list",
    "to_list2",
    "list_literal",
    "list_comp",
    "warn",
    "err",
    "fmt",
]
TOLD = {
    "name_key": ["ST303"],
    "name_key2": ["ST303"],
    "name_cmp": ["ST303"],
    "key_dim": ["ST303"],
    "list_key": ["ST303"],
    "min_size": ["ST201", "ST301"],
}


def test_what_a_dim_is_used_for_decides(run_code: Callable[..., CompletedProcess[str]]) -> None:
    done = run_code(CODE, *HEALTHY, *TOLD)

    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {name: TOLD.get(name, []) for name in (*HEALTHY, *TOLD)}
