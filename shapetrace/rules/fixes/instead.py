"""What to write where Python needs a number, so that a tensor does as well: for code that Paddle rewrites.

There `if`, `while`, `for … in range(n)`, `assert`, `and`, `int()` and `float()` take tensors, and operators always do. What does not is
written in terms of those. Each form was exported and compared with dygraph at several sizes on 2.6.2, 3.0.0 and 3.3.1
by hand, and gives in dygraph what was there before.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from shapetrace.capture.source.expressions import converts_each
from shapetrace.rules.fixes import spelled_out
from shapetrace.rules.fixes.source import Source, bound, pure
from shapetrace.said import said
from shapetrace.trace import Applicability, Edit, Said

_MATH = frozenset({"math", "np", "numpy"})
_PADDLE = {
    **{name: name for name in ("log", "log2", "log10", "log1p", "exp", "expm1", "sin", "cos", "tan", "tanh")},
    **{"arctan": "atan", "atan": "atan"},
}
"""Functions of `math` and NumPy, and what Paddle calls them."""
_CASTS = {
    **dict.fromkeys(("float16", "float32", "float64", "double", "single"), "float"),
    **dict.fromkeys(("int32", "int64", "intp"), "int"),
}
"""Types of NumPy's, called for a number, and what Paddle converts in their place."""
_SIGNS = {"max": ">", "min": "<", "maximum": ">", "minimum": "<", "fmax": ">", "fmin": "<"}
_MADE = frozenset({"arange", "zeros", "ones", "full", "eye", "linspace"})
"""Functions of NumPy that make an array of a size, and that Paddle has under the same name."""
_MOST_KEYS = 8
_ATOMS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant, ast.List, ast.ListComp)
"""Expressions that need no parentheses anywhere."""


class Written(NamedTuple):
    """An expression in another form."""

    text: str
    says: Said
    edits: tuple[Edit, ...] = ()
    """What else the form needs, such as an import."""
    applicability: Applicability = "machine"


def written(source: Source, node: ast.expr) -> Written | None:
    """A form of an expression that takes a tensor for its numbers; None where there is none."""
    for form in (_call, _array, _tests, _comparison, _looked_up, _repeated):
        if (alternative := form(source, node)) is not None:
            return _with_its_parts(source, node, alternative)
    return None


def _with_its_parts(source: Source, node: ast.expr, whole: Written) -> Written:
    """A form with the edits that the forms in its text need, and no surer than those."""
    parts = [form for part in ast.iter_child_nodes(node) for _, form in _inner(source, part)]
    needed = dict.fromkeys(edit for form in (whole, *parts) for edit in form.edits)
    unsure = any(form.applicability == "maybe" for form in parts)
    return whole._replace(edits=tuple(needed), applicability="maybe" if unsure else whole.applicability)


def edits(source: Source, form: Written, node: ast.expr) -> tuple[Edit, ...]:
    """What puts the form in the place of the expression, in parentheses where it needs them."""
    text = f"({form.text})" if _needs_parentheses(source, node, form.text) else form.text
    return (source.replace(node, text), *form.edits)


def of_floats(source: Source, base: ast.expr, exponent: ast.expr) -> str:
    """A power whose base is made a float: of whole numbers Paddle makes a whole number, whatever the exponent."""
    power = _text(source, exponent) if isinstance(exponent, ast.UnaryOp) else _operand(source, exponent)
    return f"float({_text(source, base)}) ** {power}"


def chosen(source: Source, node: ast.BoolOp) -> Written | None:
    """`n or 1` as `n if n != 0 else 1`; None of more than two operands, or of one that must not be evaluated twice."""
    first = node.values[0]
    if len(node.values) > 2 or not _twice(first):
        return None
    value, instead = _text(source, first), _text(source, node.values[1])
    asked = value if isinstance(first, ast.BinOp) else _operand(source, first)
    kept, otherwise = (value, instead) if isinstance(node.op, ast.Or) else (instead, value)
    says = said("a conditional expression is converted, and gives the numbers")
    if isinstance(first, ast.Compare):
        return Written(f"{kept} if {value} else {otherwise}", says, (), "maybe")  # of which one is no number
    return Written(f"{kept} if {asked} != 0 else {otherwise}", says)


def outermost(source: Source, node: ast.expr) -> ast.expr:
    """The largest expression around a node that has another form: inner ones are part of its text."""
    best = node
    for outer in source.outwards(node):
        if not isinstance(outer, ast.expr):
            break
        if written(source, outer) is not None:
            best = outer
    return best


def check_as_assert(source: Source, test: ast.expr) -> tuple[Edit, ...]:
    """An `if` that does nothing but raise, as an `assert`, which Paddle makes part of the program; empty for any other."""
    statement = source.parent(test)
    if not is_check(statement) or not isinstance(statement, ast.If) or not source.alone(statement):
        return ()
    if source.text(statement).startswith("elif"):  # it is asked only where the test before it fails
        return ()
    raised = statement.body[0]
    assert isinstance(raised, ast.Raise)
    message = raised.exc.args[0] if isinstance(raised.exc, ast.Call) and len(raised.exc.args) == 1 else None
    form = written(source, test)
    condition = _negated(source, test, form)
    told = f", {source.text(message)}" if message is not None else ""
    return (source.replace(statement, f"assert {condition}{told}"), *(form.edits if form else ()))


def is_check(statement: ast.AST | None) -> bool:
    """Whether a statement is an `if` that only raises."""
    return (
        isinstance(statement, ast.If)
        and not statement.orelse
        and len(statement.body) == 1
        and isinstance(statement.body[0], ast.Raise)
    )


def _negated(source: Source, test: ast.expr, form: Written | None) -> str:
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.NotEq | ast.Eq):
        opposite = ast.Eq() if isinstance(test.ops[0], ast.NotEq) else ast.NotEq()
        pairs = _paired(source, test.left, test.comparators[0], "==" if isinstance(opposite, ast.Eq) else "!=")
        if pairs is not None:
            return pairs
        sign = "==" if isinstance(opposite, ast.Eq) else "!="
        return f"{source.text(test.left)} {sign} {source.text(test.comparators[0])}"
    return f"not ({form.text if form else source.text(test)})"


def _call(source: Source, node: ast.expr) -> Written | None:
    if (
        not isinstance(node, ast.Call)
        or node.keywords
        or any(isinstance(argument, ast.Starred) for argument in node.args)
    ):
        return None
    module, name = _function(source, node.func)
    arguments = node.args
    if name in _SIGNS and (not module or module in _MATH):
        return _larger(source, arguments, _SIGNS[name])
    if not module and name in ("map", "list") and (mapped := _mapped(source, node)) is not None:
        return mapped
    if not module and name == "divmod" and len(arguments) == 2 and all(map(_twice, arguments)):
        first, other = (_operand(source, argument) for argument in arguments)
        return Written(f"({first} // {other}, {first} % {other})", said("operators work on tensors"))
    if not module and name == "round" and len(arguments) == 1:
        paddle, needed = source.importing("paddle")
        text = f'int({paddle}.round({paddle}.to_tensor({_text(source, arguments[0])}, dtype="float32")))'
        return Written(text, said("Paddle's own function takes a tensor"), needed, "maybe")
    return _of_math(source, name, arguments) if module in _MATH else None


def _mapped(source: Source, node: ast.Call) -> Written | None:
    """`map(int, sizes)`, or a list of it."""
    call = node.args[0] if len(node.args) == 1 else node
    if not isinstance(call, ast.Call) or not converts_each(call):
        return None
    kind, items = call.args
    says = said("Paddle converts {} where it is called, and not where map() calls it", f"{ast.unparse(kind)}()")
    parent = source.parent(node)
    taken = isinstance(parent, ast.Assign | ast.For | ast.comprehension | ast.Starred | ast.Subscript)
    listed = isinstance(parent, ast.Call) and _function(source, parent.func) in (("", "list"), ("", "tuple"))
    text = f"[{ast.unparse(kind)}(size) for size in {_text(source, items)}]"
    return Written(text, says, applicability="machine" if taken or listed else "maybe")


def _array(source: Source, node: ast.expr) -> Written | None:
    """An array of NumPy's that is as large as a dim, together with the call that makes a tensor of it."""
    if not isinstance(node, ast.Call) or not node.args:
        return None
    module, name = _function(source, node.func)
    if (module, name) == ("paddle", "to_tensor") and len(node.args) == 1 and not node.keywords:
        return _array(source, node.args[0])
    if module not in ("np", "numpy") or name not in _MADE:
        return None
    dtypes = [_dtype(keyword.value) if keyword.arg == "dtype" else "" for keyword in node.keywords]
    if not all(dtypes):
        return None
    paddle, needed = source.importing("paddle")
    parts = [*(_text(source, argument) for argument in node.args), *(f"dtype={dtype}" for dtype in dtypes)]
    text = f"{paddle}.{name}({', '.join(parts)})"
    return Written(text, said("Paddle's own function takes a tensor"), needed, "maybe")


def _dtype(node: ast.expr) -> str:
    """A dtype of NumPy's as Paddle takes it; empty for what is not known to be one."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy"):
        return f'"{node.attr}"'
    return ast.unparse(node) if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _tests(source: Source, node: ast.expr) -> Written | None:
    """`any(n % 2 for n in (h, w))`, and `all`."""
    text = spelled_out.tests(source, node) if isinstance(node, ast.Call) else ""
    says = said("Paddle converts `and` and `or`; any() and all() ask tensors for their truth")
    return Written(text, says) if text else None


def _of_math(source: Source, name: str, arguments: list[ast.expr]) -> Written | None:
    """A function of `math` or NumPy."""
    if not arguments:
        return None
    first = arguments[0]
    if name == "sqrt":
        return Written(f"{_operand(source, first)} ** 0.5", said("operators work on tensors"))
    if name == "square":
        return Written(f"{_operand(source, first)} ** 2", said("operators work on tensors"))
    if name in ("pow", "power") and len(arguments) == 2:
        return Written(
            f"{_operand(source, first)} ** {_operand(source, arguments[1])}", said("operators work on tensors")
        )
    if name in ("fabs", "abs", "absolute"):
        return Written(f"abs({_text(source, first)})", said("abs() works on tensors"))
    if name in ("ceil", "floor"):
        return _whole(source, name, first)
    if name in ("prod", "product") and len(arguments) == 1:
        math, needed = source.importing("math")
        return Written(f"{math}.prod({_text(source, first)})", said("math.prod multiplies tensors too"), needed)
    if name in _CASTS and len(arguments) == 1:
        return Written(f"{_CASTS[name]}({_text(source, first)})", said("Paddle converts int() and float()"))
    if name in _PADDLE and len(arguments) == 1:
        paddle, needed = source.importing("paddle")
        text = f'{paddle}.{_PADDLE[name]}({paddle}.to_tensor({_text(source, first)}, dtype="float32"))'
        return Written(text, said("Paddle's own function takes a tensor"), needed)
    return None


def _whole(source: Source, name: str, value: ast.expr) -> Written:
    """`ceil` or `floor`."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div):
        above, below = _operand(source, value.left), _operand(source, value.right)
        text = f"-(-{above} // {below})" if name == "ceil" else f"{above} // {below}"
        return Written(text, said("whole numbers, without a float in between"))
    text = _text(source, value)
    return Written(
        f"int(-(-({text}) // 1))" if name == "ceil" else f"int(({text}) // 1)",
        said("operators work on tensors"),
        (),
        "maybe",
    )


def _larger(source: Source, arguments: list[ast.expr], sign: str) -> Written | None:
    if len(arguments) == 1 and isinstance(arguments[0], ast.List | ast.Tuple):
        arguments = arguments[0].elts
    elif len(arguments) == 1:
        return _of_list(source, arguments[0], sign)
    if len(arguments) < 2 or not all(map(_twice, arguments)):
        return None
    ordered = sorted(arguments, key=lambda item: isinstance(item, ast.Constant))
    return _chosen([_text(source, argument) for argument in ordered], sign)


def _chosen(others: list[str], sign: str) -> Written:
    text = ""
    for other in others:
        text = f"({text} if {text} {sign} {other} else {other})" if text else other
    return Written(text, said("Paddle converts a conditional expression"))


def _of_list(source: Source, listed: ast.expr, sign: str) -> Written | None:
    """`max(x.shape[-2:])`, or `max(size)`."""
    if elements := spelled_out.elements(source, listed):
        return _chosen(elements, sign) if len(elements) > 1 else None
    if not isinstance(listed, ast.Name | ast.Attribute | ast.Subscript):
        return None
    paddle, needed = source.importing("paddle")
    text = f"int({paddle}.to_tensor({_text(source, listed)}).{'max' if sign == '>' else 'min'}())"
    return Written(text, said("Paddle's own function takes a tensor"), needed, "maybe")


def _comparison(source: Source, node: ast.expr) -> Written | None:
    if not isinstance(node, ast.Compare):
        return None
    if len(node.ops) > 1:
        return _chain(source, node)
    sign, right = node.ops[0], node.comparators[0]
    if isinstance(sign, ast.In | ast.NotIn) and isinstance(right, ast.List | ast.Tuple | ast.Set):
        keys = right.elts
        if not 0 < len(keys) <= _MOST_KEYS or not _twice(node.left):
            return None
        word, between = ("==", " or ") if isinstance(sign, ast.In) else ("!=", " and ")
        tests = (f"{_text(source, node.left)} {word} {_text(source, key)}" for key in keys)
        return Written(between.join(tests), said("comparisons of tensors are converted; `in` is not"))
    if isinstance(sign, ast.Eq | ast.NotEq):
        text = _paired(source, node.left, right, "==" if isinstance(sign, ast.Eq) else "!=")
        if text is not None:
            return Written(text, said("dims are compared one by one: comparing lists asks tensors for their truth"))
    return None


def _chain(source: Source, node: ast.Compare) -> Written | None:
    """`a < b < c` as `a < b and b < c`."""
    operands = [node.left, *node.comparators]
    if not all(map(_twice, operands[1:-1])):
        return None
    texts = [_text(source, part) for part in operands]
    signs = [_sign(part) for part in node.ops]
    tests = (f"{left} {sign} {right}" for left, sign, right in zip(texts[:-1], signs, texts[1:], strict=True))
    return Written(" and ".join(tests), said("Paddle converts `and`; of a chain, Python asks tensors for their truth"))


def _paired(source: Source, left: ast.expr, right: ast.expr, sign: str) -> str | None:
    """A comparison of a shape with a list, dim by dim."""
    if isinstance(left, ast.List | ast.Tuple) and not isinstance(right, ast.List | ast.Tuple):
        left, right = right, left
    if isinstance(left, ast.Call) and ast.unparse(left.func) in ("list", "tuple") and len(left.args) == 1:
        left = left.args[0]
    if not isinstance(right, ast.List | ast.Tuple) or not right.elts or not pure(left):
        return None
    if any(isinstance(element, ast.Starred) for element in right.elts):
        return None
    shape = source.text(left)
    tests = [f"{shape}[{index}] {sign} {_text(source, element)}" for index, element in enumerate(right.elts)]
    return (" and " if sign == "==" else " or ").join(tests)


def _looked_up(source: Source, node: ast.expr) -> Written | None:
    """`NUMBERS[n]`, of a list of numbers that the module keeps or that is written there."""
    if not isinstance(node, ast.Subscript) or isinstance(node.slice, ast.Slice | ast.Constant | ast.Tuple):
        return None
    table: ast.expr | None = node.value
    if isinstance(table, ast.Name):
        if _is_local(source, node, table.id):
            return None
        statement = source.module_names().get(table.id)
        table = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    if table is None or not _numbers(table):
        return None
    paddle, needed = source.importing("paddle")
    text = f"{paddle}.to_tensor({_text(source, node.value)})[{_text(source, node.slice)}]"
    return Written(text, said("a tensor of the numbers can be indexed with a tensor"), needed)


def _repeated(source: Source, node: ast.expr) -> Written | None:
    """`sum([number] * n)`."""
    if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "sum" and len(node.args) == 1):
        return None
    value = node.args[0]
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Mult):
        return None
    listed, times = (
        (value.left, value.right) if isinstance(value.left, ast.List | ast.Tuple) else (value.right, value.left)
    )
    if not isinstance(listed, ast.List | ast.Tuple) or len(listed.elts) != 1:
        return None
    return Written(f"{_operand(source, listed.elts[0])} * {_operand(source, times)}", said("the sum without the list"))


def _numbers(node: ast.expr) -> bool:
    """Whether an expression is surely a list of numbers."""
    if isinstance(node, ast.List | ast.Tuple):
        return bool(node.elts) and all(map(_number, node.elts))
    return isinstance(node, ast.ListComp) and _number(node.elt)


def _number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        return _number(node.operand)
    if isinstance(node, ast.BinOp):
        return _number(node.left) and _number(node.right)
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in ("float", "int", "len")
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _is_local(source: Source, node: ast.AST, name: str) -> bool:
    for outer in source.outwards(node):
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            arguments = [*outer.args.posonlyargs, *outer.args.args, *outer.args.kwonlyargs]
            if any(argument.arg == name for argument in arguments):
                return True
            body = outer.body if isinstance(outer.body, list) else []
            if any(name in bound(statement) for statement in body):
                return True
    return False


def _function(source: Source, node: ast.expr) -> tuple[str, str]:
    """Module and name of the function that is called: `("math", "sqrt")`, or `("", "max")`."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id, node.attr
    if not isinstance(node, ast.Name):
        return "?", ""
    for statement in source.tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module in _MATH:
            for name in statement.names:
                if (name.asname or name.name) == node.id:
                    return str(statement.module), name.name
    return "", node.id


def _text(source: Source, node: ast.expr) -> str:
    """The source of an expression, with what has another form in that form."""
    text = source.text(node)
    for inner, other in reversed(list(_inner(source, node))):
        form = f"({other.text})" if _needs_parentheses(source, inner, other.text) else other.text
        at = text.find(source.text(inner))
        text = f"{text[:at]}{form}{text[at + len(source.text(inner)) :]}" if at >= 0 else text
    return " ".join(text.split()) if "\n" in text else text


def _inner(source: Source, node: ast.AST) -> Iterator[tuple[ast.expr, Written]]:
    """The outermost expressions in a node that have another form."""
    if not isinstance(node, ast.expr):
        return
    form = written(source, node)
    if form is not None:
        yield node, form
        return
    for part in ast.iter_child_nodes(node):
        yield from _inner(source, part)


def _operand(source: Source, node: ast.expr) -> str:
    text = _text(source, node)
    return text if _atom(text) else f"({text})"


def _atom(text: str) -> bool:
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return False
    if isinstance(node, ast.Tuple):
        return text.startswith("(")
    in_parentheses = node.col_offset > 0
    return in_parentheses or isinstance(node, _ATOMS)


def _needs_parentheses(source: Source, node: ast.expr, text: str) -> bool:
    outer = source.parent(node)
    if isinstance(
        outer, ast.If | ast.While | ast.Assert | ast.Return | ast.Assign | ast.keyword | ast.List | ast.IfExp
    ):
        return False
    if isinstance(outer, ast.Call) and node is not outer.func:
        return False
    if isinstance(outer, ast.Subscript) and node is outer.slice:
        return False
    return not _atom(text)


def _twice(node: ast.expr) -> bool:
    """Whether an expression may be evaluated twice: nothing in it does anything."""
    calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    harmless = {"int", "float", "abs", "max", "min", "round", "len", "math", "np", "numpy"}
    pure_calls = all(ast.unparse(call.func).partition(".")[0] in harmless for call in calls)
    return pure_calls and not any(isinstance(part, ast.NamedExpr | ast.Await) for part in ast.walk(node))


def _sign(operator: ast.cmpop) -> str:
    return ast.unparse(ast.Compare(ast.Name("a"), [operator], [ast.Name("b")])).split(" ", 1)[1].rsplit(" ", 1)[0]
