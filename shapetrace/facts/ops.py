"""Paddle's ops by kind, under the names that programs of Paddle 3.x have for them (those of 2.6: `legacy_ops.py`).

An op's full name has its dialect before it: `pd_op.reshape`, `builtin.combine`. Sets of *full* names are compared with
`Op.name`; where a fact is about what the user calls as well, the names stand without a dialect, for `bare(op.name)`.
Each says which file of Paddle's it was read off; shape inference is in `paddle/phi/infermeta`.
"""

from __future__ import annotations

_DIALECT = "pd_op."


def bare(name: str) -> str:
    """An op's name without the dialect of Paddle's operators: `reshape` for `pd_op.reshape`."""
    return name.removeprefix(_DIALECT)


def full(*names: str) -> frozenset[str]:
    """The same the other way round."""
    return frozenset(_DIALECT + name for name in names)


# What a program is made around (paddle/pir/include/core/builtin_op.h, paddle/fluid/pir/dialect/operator/ir/manual_op.h)

DATA = "pd_op.data"
"""An input of the program."""
INPUTS = frozenset({DATA, "pd_op.feed"})
"""The same, in a program that was made ready to be run too."""
PARAMETER = "builtin.parameter"
PARAMETERS = frozenset({PARAMETER, "builtin.constant"})
"""A weight, or a tensor that the program holds."""
GIVEN = frozenset({*INPUTS, PARAMETER})
"""Ops that stand for what a program is given. Nobody called them: their lines are those of whoever asked for the conversion."""
COMBINE, SPLIT = "builtin.combine", "builtin.split"
ARRAY_TO_TENSOR = "pd_op.array_to_tensor"
"""Joins a list that a loop fills; `paddle/phi/infermeta/unary.cc` wants all of its tensors to have one shape."""
TAKING_APART = frozenset({SPLIT, "builtin.slice"})
"""Ops that take a list of tensors apart."""
LISTS = frozenset({COMBINE, *TAKING_APART})
"""These, and what makes such a list."""
IF, WHILE, YIELD = "pd_op.if", "pd_op.while", "cf.yield"
"""A `while` takes the condition before what its block is given, and its `yield` hands the next condition on before the rest."""
SHARING = full("share_data", "share_data_")
"""Ops whose result has the memory of their operand, as `x.detach()` (ShareDataKernel in paddle/phi/kernels/share_data_kernel.cc)."""

# What tensors hold

SHAPES = full("shape64", "shape")
"""Ops whose result holds the shape of their operand (ShapeInferMeta, Shape64InferMeta in unary.h)."""
FULL, FULL_INTS = "pd_op.full", "pd_op.full_int_array"
"""One number in every place; a list of numbers."""
NUMBERS = frozenset({FULL, FULL_INTS, *full("assign_value", "assign_value_"), "builtin.constant"})
"""Ops whose result holds numbers that are known when the program is built."""
RANGE = "pd_op.arange"
"""Numbers from one to another, which rewritten code has for `range(n)`."""
HANDING_ON = full("slice", "cast", "assign", "squeeze")
"""Ops that hand on numbers that their operand holds, as they are."""
OF_ONE_NUMBER = full(
    *("scale", "abs", "floor", "ceil", "round", "clip", "pow", "sqrt", "rsqrt", "square", "exp", "log", "log2", "log10")
)
"""Ops that compute one number of one number; NumPy's functions of that name call the tensor's method."""
DECISIONS = full(
    *("equal", "not_equal", "less_than", "less_equal", "greater_than", "greater_equal"),
    *(
        "logical_and",
        "logical_or",
        "logical_xor",
        "logical_not",
        "any",
        "all",
        "isnan",
        "isinf",
        "equal_all",
        "allclose",
    ),
)
"""Ops whose result is true or false (CompareInferMeta, LogicalBinaryInferMeta in binary.h)."""
MAKERS = full("arange", "full_with_tensor", "linspace", "logspace", "gaussian", "uniform", "randint", "eye")
"""Ops whose operands say what to make, and are not what they work on (nullary.h, and ternary.h for ranges)."""

# What ops ask of shapes, without a dialect

ELEMENTWISE = frozenset(
    [
        *("add", "subtract", "multiply", "divide", "floor_divide", "remainder", "elementwise_pow"),
        *("maximum", "minimum", "fmax", "fmin", "atan2", "heaviside", "copysign", "nextafter"),
        *("equal", "not_equal", "less_than", "less_equal", "greater_than", "greater_equal"),
        *("logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor"),
        "where",
    ]
)
"""Ops that work on elements, so that an axis of 1 goes with any other (ElementwiseInferMeta, CompareInferMeta and
LogicalBinaryInferMeta in binary.h, WhereInferMeta in multiary.h). What `where` chooses by comes first."""
OF_ONE_SHAPE = frozenset({"atan2", "where"})
"""Those of them whose kernels take operands of one shape only (atan2_kernel_impl.h, where_kernel.cc). Paddle's Python code broadcasts them before, and has
two unknown sizes for equal (`atan2` in `python/paddle/tensor/math.py`, `where` in `search.py`)."""
PRODUCTS = frozenset({"matmul", "bmm", "mv", "addmm"})
"""Ops that multiply matrices; `addmm` has the two after the one that it adds to. For their axes: `axes.py`."""
RESHAPES = frozenset({"reshape", "view", "view_shape"})
"""Ops, and functions of Paddle's, that give the same elements another shape and infer one -1 in it (ReshapeInferMeta in unary.h,
`python/paddle/tensor/manipulation.py`)."""
EXPANDS = frozenset({"expand", "broadcast_to"})
"""The same, for repeating axes of 1; a -1 keeps the operand's own (ExpandInferMeta in unary.h)."""
TAKING_A_SHAPE = RESHAPES | {"expand", "tile"}
"""Ops whose second operand is a shape, or a number for each axis."""
SPLITS = frozenset({"split", "split_with_num"})

# Paddle's own symbolic pass (paddle/fluid/pir/transforms/shape_optimization_pass.cc), measured on 3.0 to 3.3

WORKSPACES = frozenset({("pd_op.batch_norm_", 5), ("pd_op.batch_norm", 5)})
"""Results whose size is the kernel's own business (space for cuDNN): the pass makes a new symbol of each, and asking it for
that takes a third of the time of recording a ResNet."""
SLICE, STRIDED_SLICE = "pd_op.slice", "pd_op.strided_slice"
END = 2**31 - 1
"""Where a slice ends that goes on to the end; less than its negative, one that goes back to the beginning."""
HALF_SPECTRUM = "pd_op.fft_c2r"
"""An op of which the pass tells another size than its result has where none is asked for: one less than twice its last axis, which is two less."""
NOT_TOLD = frozenset({"pd_op.einsum"})
"""Ops of whose first result the pass does not tell the shape that it has found: it is asked for it, as it is for all other results."""
NOT_WITHOUT_RESULT = frozenset({IF, "pd_op.assert"})
"""Ops that the pass gives up at where they give no result."""
