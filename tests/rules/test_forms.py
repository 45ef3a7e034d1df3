"""What is written where Python needs a number: each form takes tensors, and gives of numbers what the code before gave."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rules.snippets import Snippet
from shapetrace.rules.fixes import instead
from shapetrace.trace import Fix
from whole_findings import see_that_it_can_be_told

HEAD = """import math
import numpy as np
import numpy
import paddle
from math import ceil as up

TABLE = [1, 2.5, -3]
TYPED: list = [len(TABLE), 2 * 3]
NAMES = ["a", "b"]


def forward(x, n, m, *, given=()):
    """
FORMS = {
    "list(map(int, x.shape))": "[int(size) for size in x.shape]",
    "list(map(float, [n, m]))": "[float(size) for size in [n, m]]",
    "max(n, 4)": "(n if n > 4 else 4)",
    "max(4, n)": "(n if n > 4 else 4)",
    "min(n, m)": "(n if n < m else m)",
    "max([n, m, 2])": "((n if n > m else m) if (n if n > m else m) > 2 else 2)",
    "min((n, m))": "(n if n < m else m)",
    "np.maximum(n, 1)": "(n if n > 1 else 1)",
    "np.minimum(n, 1)": "(n if n < 1 else 1)",
    "np.fmax(n, 1)": "(n if n > 1 else 1)",
    "np.fmin(n, 1)": "(n if n < 1 else 1)",
    "max(len(x.shape), 1)": "(len(x.shape) if len(x.shape) > 1 else 1)",
    "max(np.abs(n), 1)": "(abs(n) if abs(n) > 1 else 1)",
    "max(float(m), int(n), math.fabs(n))": (
        "((float(m) if float(m) > int(n) else int(n)) if (float(m) if float(m) > int(n) else int(n)) > abs(n) else abs(n))"
    ),
    "max(x.shape[-2:])": "(x.shape[-2] if x.shape[-2] > x.shape[-1] else x.shape[-1])",
    "min(x.shape[:2])": "(x.shape[0] if x.shape[0] < x.shape[1] else x.shape[1])",
    "any(s % 2 for s in (n, m))": "n % 2 or m % 2",
    "all([s > 2 or s == 1 for s in x.shape[-2:]])": "(x.shape[-2] > 2 or x.shape[-2] == 1) and (x.shape[-1] > 2 or x.shape[-1] == 1)",
    "any([n > 2, m > 2])": "n > 2 or m > 2",
    "divmod(n, 4)": "(n // 4, n % 4)",
    "divmod(n + 1, m * 2)": "((n + 1) // (m * 2), (n + 1) % (m * 2))",
    "math.sqrt(n)": "n ** 0.5",
    "math.sqrt(n + 1)": "(n + 1) ** 0.5",
    "np.sqrt(n)": "n ** 0.5",
    "numpy.sqrt(n)": "n ** 0.5",
    "math.sqrt(max(n, 1))": "(n if n > 1 else 1) ** 0.5",
    "math.sqrt((n) if n > 1 else 4)": "((n) if n > 1 else 4) ** 0.5",
    "np.square(n - 1)": "(n - 1) ** 2",
    "math.pow(n, 2)": "n ** 2",
    "np.power(n + 1, m - 1)": "(n + 1) ** (m - 1)",
    "math.fabs(n)": "abs(n)",
    "np.abs(n - 1)": "abs(n - 1)",
    "np.absolute(n)": "abs(n)",
    "math.ceil(n / 2)": "-(-n // 2)",
    "math.floor(n / 2)": "n // 2",
    "math.ceil((n + 1) / (m * 2))": "-(-(n + 1) // (m * 2))",
    "math.floor((n + 1) / m)": "(n + 1) // m",
    "np.ceil(n * 0.5)": "int(-(-(n * 0.5) // 1))",
    "np.floor(n * 0.5)": "int((n * 0.5) // 1)",
    "up(n / 4)": "-(-n // 4)",
    "max(math.ceil(n / 2), 1)": "(-(-n // 2) if -(-n // 2) > 1 else 1)",
    "np.prod(x.shape)": "math.prod(x.shape)",
    "n in (1, 2)": "n == 1 or n == 2",
    "n not in [1, 2]": "n != 1 and n != 2",
    "n in {3}": "n == 3",
    "n in (1, 2, 3, 4, 5, 6, 7, 8)": "n == 1 or n == 2 or n == 3 or n == 4 or n == 5 or n == 6 or n == 7 or n == 8",
    "n // 2 in (1, m + 1)": "n // 2 == 1 or n // 2 == m + 1",
    "n not in (math.ceil(m / 2), 7)": "n != (-(-m // 2)) and n != 7",
    "x.shape == [1, n]": "x.shape[0] == 1 and x.shape[1] == n",
    "x.shape != [1, n]": "x.shape[0] != 1 or x.shape[1] != n",
    "[1, 2] == x.shape": "x.shape[0] == 1 and x.shape[1] == 2",
    "(1, 2) != tuple(x.shape)": "x.shape[0] != 1 or x.shape[1] != 2",
    "list(x.shape) == [n, m]": "x.shape[0] == n and x.shape[1] == m",
    "tuple(x.shape) != (n, 2)": "x.shape[0] != n or x.shape[1] != 2",
    "1 < n < 5": "1 < n and n < 5",
    "1 <= n != m": "1 <= n and n != m",
    "m < math.ceil(n / 2) < 3": "m < (-(-n // 2)) and (-(-n // 2)) < 3",
    "abs(n) > n >= abs(m)": "abs(n) > n and n >= abs(m)",
    "sum([2] * n)": "2 * n",
    "sum(n * [2])": "2 * n",
    "sum((m + 1,) * (n + 1))": "(m + 1) * (n + 1)",
}
"""Expressions, and the form that is written for them; None where there is none."""
AS_TENSORS = {
    "max(n)": "int(paddle.to_tensor(n).max())",
    "max(x.shape[2:])": "int(paddle.to_tensor(x.shape[2:]).max())",
    "np.arange(0, n, dtype=np.int32)": 'paddle.arange(0, n, dtype="int32")',
    "paddle.to_tensor(np.zeros((n, max(m, 1))))": "paddle.zeros((n, (m if m > 1 else 1)))",
    "np.ones(n, dtype='float32')": "paddle.ones(n, dtype='float32')",
    **{f"math.{name}(n)": f'paddle.{name}(paddle.to_tensor(n, dtype="float32"))' for name in ("log", "exp", "sin")},
    **{
        f"np.{name}(n + 1)": f'paddle.{name}(paddle.to_tensor(n + 1, dtype="float32"))'
        for name in ("log2", "log10", "log1p", "expm1", "cos", "tan", "tanh")
    },
    "np.arctan(n)": 'paddle.atan(paddle.to_tensor(n, dtype="float32"))',
    "math.atan(n)": 'paddle.atan(paddle.to_tensor(n, dtype="float32"))',
    "round(n / 2)": 'int(paddle.round(paddle.to_tensor(n / 2, dtype="float32")))',
    "TABLE[n]": "paddle.to_tensor(TABLE)[n]",
    "TYPED[n + 1]": "paddle.to_tensor(TYPED)[n + 1]",
    "[1, 2][n]": "paddle.to_tensor([1, 2])[n]",
    "(4, -5)[n]": "paddle.to_tensor((4, -5))[n]",
    "[float(k) for k in x][n]": "paddle.to_tensor([float(k) for k in x])[n]",
    "[int(n), len(x)][n]": "paddle.to_tensor([int(n), len(x)])[n]",
}
WITHOUT = [
    *("max(f(n))", "max([n])", "max(n, m, key=abs)", "max(*n)", "other.max(n, 1)", "self.math.max(n, 1)"),
    *("max(read(n), 1)", "max((k := n), 1)", "max(1, await n)", "divmod(read(n), 4)", "divmod(4, read(n))"),
    *("divmod(n)", "np.divmod(n, 4)", "round(n, 1)", "np.round(n)", "other.sqrt(n)", "math.sqrt()", "math.pow(n)"),
    *("np.prod(x.shape, 0)", "math.log(n, 2)", "math.gcd(n, 2)", "read(n)", "abs(n)", "(lambda: max)()(n, 2)"),
    *("n in ()", "n in range(9)", "n in (1, 2, 3, 4, 5, 6, 7, 8, 9)", "read(n) in (1, 2)", "n == 1", "n < 2"),
    *("set(x.shape) == (n, 2)", "x.shape == []", "x.shape == [*m]", "read(x) == [1]", "[1] == [n]", "x.shape < [1]"),
    *("x.shape == y.shape", "1 < read(n) < m", "NAMES[n]", "TABLE[0]", "TABLE[n:]", "TABLE[n, 0]", "given[n]"),
    *("UNKNOWN[n]", "[k for k in x][n]", "[][n]", "x.table[n]", "[True, False][n]", "[1, 'a'][n]", "[1 + k][n]"),
    *("sum([1, 2] * n)", "sum(n)", "sum([2] + n)", "sum(m * n)", "sum([2] * n, 1)", "total([2] * n)"),
    *("list(x.shape, 1) == [n]", "[read(n)][0 + n]", "[read(k) for k in x][n]"),
]


def form(code: str, head: str = HEAD) -> instead.Written | None:
    snippet = Snippet(f"{head}return «{code}»\n")
    found = instead.written(snippet.source, snippet.node)
    if found is not None:
        see_that_it_can_be_told(Fix(found.says, found.applicability))
    return found


@pytest.mark.parametrize("code", FORMS | AS_TENSORS)
def test_the_form(code: str) -> None:
    found = form(code)
    assert (found and found.text) == (FORMS | AS_TENSORS)[code]
    assert found is None or found.edits == ()


@pytest.mark.parametrize("code", [code for code, text in FORMS.items() if text])
def test_of_numbers_it_gives_what_the_code_before_gives(code: str) -> None:
    names: dict[str, Any] = {"math": math, "np": np, "numpy": np, "up": math.ceil}
    for n in range(7):
        for m in range(1, 5):
            names |= {"n": n, "m": m, "x": SimpleNamespace(shape=[m, n])}
            assert eval(str(FORMS[code]), names) == eval(code.replace("x.shape", "list(x.shape)"), names)


@pytest.mark.parametrize("code", WITHOUT)
def test_what_has_no_form(code: str) -> None:
    assert form(code) is None


@pytest.mark.parametrize(
    ("code", "says", "applicability"),
    [
        ("max(n, 4)", "Paddle converts a conditional expression", "machine"),
        ("map(int, x.shape)", "Paddle converts int() where it is called, and not where map() calls it", "maybe"),
        ("divmod(n, 4)", "operators work on tensors", "machine"),
        ("math.sqrt(n)", "operators work on tensors", "machine"),
        ("np.square(n)", "operators work on tensors", "machine"),
        ("math.pow(n, 2)", "operators work on tensors", "machine"),
        ("math.fabs(n)", "abs() works on tensors", "machine"),
        ("math.ceil(n / 2)", "whole numbers, without a float in between", "machine"),
        ("math.ceil(n)", "operators work on tensors", "maybe"),
        ("math.floor(n)", "operators work on tensors", "maybe"),
        ("round(n)", "Paddle's own function takes a tensor", "maybe"),
        ("np.prod(x.shape)", "math.prod multiplies tensors too", "machine"),
        ("math.log(n)", "Paddle's own function takes a tensor", "machine"),
        ("n in (1, 2)", "comparisons of tensors are converted; `in` is not", "machine"),
        (
            "x.shape == [1, n]",
            "dims are compared one by one: comparing lists asks tensors for their truth",
            "machine",
        ),
        ("1 < n < 5", "Paddle converts `and`; of a chain, Python asks tensors for their truth", "machine"),
        ("TABLE[n]", "a tensor of the numbers can be indexed with a tensor", "machine"),
        ("sum([2] * n)", "the sum without the list", "machine"),
    ],
)
def test_it_says_why_and_who_may_apply_it(code: str, says: str, applicability: str) -> None:
    found = form(code)
    assert found is not None
    assert (str(found.says), found.applicability) == (says, applicability)


@pytest.mark.parametrize(
    ("code", "module"), [("np.prod(n)", "math"), ("np.log(n)", "paddle"), ("round(n)", "paddle"), ("[1][n]", "paddle")]
)
def test_a_module_that_it_needs_is_imported(code: str, module: str) -> None:
    snippet = Snippet(f"import numpy as np\n\n\ndef forward(n):\n    return «{code}»\n")
    found = instead.written(snippet.source, snippet.node)
    assert found is not None
    assert snippet.after(instead.edits(snippet.source, found, snippet.node)).startswith(
        f"import {module}\nimport numpy"
    )


@pytest.mark.parametrize(
    ("statement", "applicability"),
    [
        ("sizes = «list(map(int, x.shape))»", "machine"),
        ("height = «list(map(int, x.shape))»[2]", "machine"),
        ("sizes = tuple(«map(int, x.shape)»)", "machine"),
        ("for size in «map(int, x.shape)»: pass", "machine"),
        ("sizes = sorted(«list(map(int, x.shape))»)", "maybe"),
        ("return «list(map(int, x.shape))»", "maybe"),
    ],
)
def test_a_list_in_place_of_map_is_for_a_person_where_it_is_not_seen_what_takes_it(
    statement: str, applicability: str
) -> None:
    snippet = Snippet(f"def forward(x):\n    {statement}\n")
    found = instead.written(snippet.source, snippet.node)
    assert found is not None and found.applicability == applicability


def test_a_form_needs_what_the_forms_in_it_need_and_is_no_surer() -> None:
    snippet = Snippet("import math\n\n\ndef forward(n):\n    return «max(math.log(n), [1, 2][n])»\n")
    found = instead.written(snippet.source, snippet.node)
    assert found is not None and found.applicability == "machine"
    changed = snippet.after(instead.edits(snippet.source, found, snippet.node))
    assert changed.startswith("import paddle\nimport math\n") and changed.count("import paddle") == 1
    unsure = form("max(round(n), 1)")
    assert unsure is not None and unsure.applicability == "maybe"


def test_a_list_of_the_module_may_be_hidden_by_a_variable() -> None:
    head = "import paddle\nTABLE = [1, 2]\n\n\nclass Net:\n    TABLE = ()\n\n    def forward(self, n):\n        "
    for hidden in ("TABLE = n.table", "for TABLE in n: pass", "import TABLE"):
        assert form("TABLE[n]", f"{head}{hidden}\n        ") is None
    found = form("TABLE[n]", head)
    assert found is not None and found.text == "paddle.to_tensor(TABLE)[n]"
    for parameters in ("TABLE", "TABLE, /", "*, TABLE"):
        assert form("TABLE[n]", f"TABLE = [1, 2]\nasync def forward({parameters}):\n    ") is None


IN_PLACE = {
    "y = 2 * «math.ceil(n / 2)»": "y = 2 * (-(-n // 2))",
    "y = «math.sqrt(n)».real": "y = (n ** 0.5).real",
    "y = 2 * «max(n, 4)»": "y = 2 * (n if n > 4 else 4)",
    "y = 2 * «math.fabs(n)»": "y = 2 * abs(n)",
    "y = «math.ceil(n / 2)»": "y = -(-n // 2)",
    "return «math.sqrt(n)»": "return n ** 0.5",
    "read(«math.sqrt(n)», 2)": "read(n ** 0.5, 2)",
    "read(size=«math.sqrt(n)»)": "read(size=n ** 0.5)",
    "y = [«math.sqrt(n)», 2]": "y = [n ** 0.5, 2]",
    "y = x[«math.floor(n / 2)»]": "y = x[n // 2]",
    "y = «[1, 2][n]».sum()": "y = paddle.to_tensor([1, 2])[n].sum()",
    "if «n in (1, 2)»: pass": "if n == 1 or n == 2: pass",
    "while «n in (1, 2)»: pass": "while n == 1 or n == 2: pass",
    "assert «n in (1, 2)»": "assert n == 1 or n == 2",
    "y = 1 if «n in (1, 2)» else 2": "y = 1 if n == 1 or n == 2 else 2",
    "y = not «n in (1, 2)»": "y = not (n == 1 or n == 2)",
    "y = {«math.sqrt(n)»: 1}": "y = {(n ** 0.5): 1}",
}


@pytest.mark.parametrize("code", IN_PLACE)
def test_it_stands_in_parentheses_where_it_needs_them(code: str) -> None:
    snippet = Snippet(HEAD + code + "\n")
    found = instead.written(snippet.source, snippet.node)
    assert found is not None
    changed = snippet.after(instead.edits(snippet.source, found, snippet.node))
    assert changed == HEAD + IN_PLACE[code] + "\n"


def test_forms_within_a_form_are_a_part_of_it() -> None:
    snippet = Snippet(f"{HEAD}y = 1 + max(«math.ceil(n / 2)», 4)\n")
    whole = instead.outermost(snippet.source, snippet.node)
    assert snippet.source.text(whole) == "max(math.ceil(n / 2), 4)"
    alone = Snippet(f"{HEAD}y = read(«math.ceil(n / 2)» + 4)\n")
    assert instead.outermost(alone.source, alone.node) is alone.node


def test_a_form_of_several_lines_is_written_in_one() -> None:
    found = form("math.sqrt(n +\n                  1)")
    assert found is not None and found.text == "(n + 1) ** 0.5"


CHECKS = {
    "if «n != 4»: raise ValueError('four')": "assert n == 4, 'four'",
    "if «n == 4»: raise ValueError": "assert n != 4",
    "if «x.shape != [1, n]»: raise ValueError(f'{n}')": "assert x.shape[0] == 1 and x.shape[1] == n, f'{n}'",
    "if «x.shape == [1, n]»: raise ValueError()": "assert x.shape[0] != 1 or x.shape[1] != n",
    "if «n > 4»: raise ValueError('a', 'b')": "assert not (n > 4)",
    "if «n in (1, 2)»: raise error": "assert not (n == 1 or n == 2)",
    "if «1 == n == 2»: raise ValueError('no')": "assert not (1 == n and n == 2), 'no'",
    "if «n == 1»: raise ValueError('a')\n    else: pass": None,
    "if «n == 1»:\n        read(n)\n        raise ValueError('a')": None,
    "if «n == 1»: return": None,
    "while «n == 1»: raise ValueError('a')": None,
    "y = 1; assert «n == 1»": None,
}


@pytest.mark.parametrize("code", CHECKS)
def test_a_check_that_raises_becomes_an_assert(code: str) -> None:
    snippet = Snippet(HEAD + code + "\n")
    changes = instead.check_as_assert(snippet.source, snippet.node)
    assert (snippet.after(changes) if changes else None) == (CHECKS[code] and f"{HEAD}{CHECKS[code]}\n")
    assert instead.is_check(snippet.source.parent(snippet.node)) is bool(CHECKS[code])


@pytest.mark.parametrize(
    "code", ["if n: read(n)\n    elif «n == 1»: raise ValueError", "if «n == 1»: raise ValueError; n = 2"]
)
def test_a_check_that_is_not_always_made_stays(code: str) -> None:
    snippet = Snippet(f"def forward(n):\n    {code}\n")
    assert instead.check_as_assert(snippet.source, snippet.node) == ()
