"""Ops that take every size: they ask nothing of the dims of what they work on.

Read off their shape inference in `paddle/phi/infermeta` (unary.h where no other file is named). The names are those of
`ops.bare`, without the underscore of what works in place.
"""

from __future__ import annotations

ELEMENT_BY_ELEMENT = frozenset(
    [
        *(
            "relu",
            "relu6",
            "gelu",
            "sigmoid",
            "logsigmoid",
            "tanh",
            "silu",
            "swish",
            "mish",
            "hardswish",
            "hardsigmoid",
        ),
        *("leaky_relu", "elu", "selu", "celu", "softplus", "softsign", "hardtanh", "hardshrink", "softshrink", "stanh"),
        *("clip", "exp", "expm1", "log", "log2", "log10", "log1p", "sqrt", "rsqrt", "square", "abs", "floor", "ceil"),
        *("round", "trunc", "sign", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh"),
        *("atanh", "erf", "erfinv", "reciprocal", "pow", "scale", "cast", "isnan", "isinf", "isfinite", "logit"),
        *("logical_not", "bitwise_not", "dropout", "assign", "share_data", "increment", "thresholded_relu", "lgamma"),
        *("digamma", "tanh_shrink", "angle", "conj", "real", "imag", "label_smooth", "bernoulli"),
    ]
)
"""Ops whose result has the shape of their operand (UnchangedInferMeta and its like)."""
OVER_AN_AXIS = frozenset(
    [
        *("softmax", "log_softmax", "sum", "mean", "max", "min", "amax", "amin", "prod", "any", "all", "argmax"),
        *("argmin", "logsumexp", "norm", "p_norm", "frobenius_norm", "squared_l2_norm", "cumsum", "cumprod", "cummax"),
        *("argsort", "mean_all", "nanmedian", "median", "mode"),
    ]
)
"""Ops that go over axes, of whatever size they are (ReduceInferMeta, SoftmaxInferMeta, CumInferMeta)."""
MOVING = frozenset(
    [
        *("transpose", "flatten", "unsqueeze", "flip", "reverse", "roll", "tril", "triu", "tile", "diag_embed"),
        *("strided_slice", "one_hot", "gather", "gather_nd", "index_select", "embedding", "meshgrid", "numel"),
        *("shape64", "shape", "nonzero", "unique", "unique_consecutive", "repeat_interleave"),
        *("sequence_mask", "fft_r2c", "fft_c2c", "fft_c2r", "overlap_add", "diagonal", "trace", "affine_grid", "kron"),
    ]
)
"""Ops that move, copy or look up elements."""
LABELLED = frozenset({"cross_entropy_with_softmax", "nll_loss"})
"""Ops that look up a class by its label."""
LOOKING_UP = frozenset(
    [
        *("embedding", "gather", "gather_nd", "index_select", "take_along_axis"),
        *("scatter", "scatter_nd_add", "put_along_axis", "index_add", "index_put", *LABELLED),
    ]
)
"""Those of them that look rows up in a table, and ops that put something there; which rows is a matter of values (GatherInferMeta in
binary.h). A number below zero counts from the end (funcs/gather.h, funcs/scatter.h, index_add_impl.h), but for those of `FROM_THE_BEGINNING`."""
FROM_THE_BEGINNING = LABELLED | {"embedding"}
"""Ops that look up no number below zero: rows of a table, or classes by their labels (cross_entropy.cc, nll_loss_kernel.cc)."""
SQUARE = frozenset(
    {"inverse", "determinant", "slogdet", "cholesky", "matrix_power", "eigh", "eig", "eigvals", "eigvalsh"}
)
"""Ops on square matrices (InverseInferMeta, CholeskyInferMeta in unary.h)."""
OF_NO_OPERAND = frozenset(
    [
        *("full", "full_int_array", "full_like", "full_with_tensor", "full_batch_size_like", "empty", "empty_like"),
        *("arange", "linspace", "logspace", "eye", "gaussian", "uniform", "randint", "randperm", "assign_value"),
        *("assign_out", "data", "feed", "fetch", "shadow_output", "print", "memcpy", "depend"),
    ]
)
"""Ops that make tensors, or hand them over (nullary.h)."""
FREE = ELEMENT_BY_ELEMENT | OVER_AN_AXIS | MOVING | OF_NO_OPERAND

WINDOWED = frozenset(
    [
        *("conv2d", "depthwise_conv2d", "conv3d", "conv2d_transpose", "depthwise_conv2d_transpose"),
        *("conv3d_transpose", "pool2d", "pool3d", "max_pool2d_with_index", "max_pool3d_with_index", "unfold"),
    ]
)
"""Ops that move a window over axes; where it does not fit, nothing is left (ConvInferMeta in binary.h, Pool2DInferMeta)."""
TRANSPOSED = frozenset({"conv2d_transpose", "depthwise_conv2d_transpose", "conv3d_transpose"})
"""Those of them that make an axis larger (ConvTransposeInferMeta in binary.cc)."""
RESIZES = frozenset({"nearest_interp", "bilinear_interp", "bicubic_interp", "linear_interp", "trilinear_interp"})
"""Ops that resize. Nothing may be left empty (Interpolate2DInferShapeCheck in multiary.cc)."""
NORMALIZING = frozenset({"batch_norm", "sync_batch_norm", "instance_norm"})
"""Ops with a weight for each channel (BatchNormInferMeta in multiary.h)."""
