"""One question for each argument of Paddle's API that takes a number: an expression to convert and run.

In an expression `n` is the number under test, `x` is float32 `[batch, 4, 6, 6]`, `ids` is int64
`[batch, 4]`, `t` is the dim 6 of `x` as a tensor, and `k` makes shapes fit: `n * k` is 8 times the batch.
`n` truly is the batch (bare) or 8 times the batch (computed); a leak makes it -1 or -8.
"""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """A question about one argument."""

    apis: str
    """The names it goes by, the one in `expression` first."""
    argument: str
    """Its name, then other names of it, such as those the C ops use."""
    kind: str
    """A `shapetrace.facts.op_arguments.Kind`."""
    text: str
    """What people read: "reshape infers one -1"."""
    expression: str
    beside: str = ""
    """The same with a tensor beside the number in the list."""
    random: bool = False
    """Values are random or uninitialised: compare shapes only."""
    form: str = ""
    """Which use of the argument this is, where they differ: `scalar` (not in a list), `kept` (the operand has the same
    unknown dim there), `known` (it has a known one), `new-axis` (the operand has no such axis), `several` (more than one -1 in the list)."""


F = "paddle.nn.functional"
SHAPED = "is the size of the result, which cannot be negative"

# A row a line, however long: this is a table.
# fmt: off
CASES = (
    # -1 is inferred
    Case("reshape reshape_ sparse_reshape", "shape", "infer", "reshape infers one -1", "paddle.reshape(x, [n, k * 18])", "paddle.reshape(x, [n, k * 3, t])"),
    Case("view view_shape", "shape_or_dtype dims", "infer", "view infers one -1", "x.view([n, k * 18])"),
    Case("unflatten", "shape", "infer", "unflatten infers one -1", "paddle.unflatten(x.flatten(), 0, [n, k * 18])", "paddle.unflatten(x.flatten(), 0, [n, k * 3, t])"),
    # -1 keeps the operand's own dim
    Case("expand broadcast_to", "shape", "keep", "expand keeps the operand's own dim where it is given -1", "paddle.expand(paddle.ones([1, 4]), [n, 4])", "paddle.expand(paddle.ones([1, 6]), [n, t])", form="known"),
    Case("crop", "shape", "keep", "crop takes all of the axis where it is given -1", "paddle.crop(paddle.arange(64), [n], [0])", "paddle.crop(paddle.ones([64, 8]), [n, t], [0, 0])", form="known"),
    Case("expand broadcast_to", "shape", "keep", "expand keeps the operand's own dim where it is given -1", "paddle.expand(x.flatten(1)[:, :4] if k == 8 else x.tile([8, 1, 1, 1])[:, :, 0, 0], [n, 4])", form="kept"),
    Case("expand broadcast_to", "shape", "keep", "expand cannot keep the dim of an axis that it adds", "paddle.expand(paddle.ones([4]), [n, 4])", "paddle.expand(paddle.ones([6]), [n, t])", form="new-axis"),
    Case("crop", "shape", "keep", "crop takes all of the axis where it is given -1", "paddle.crop(x.flatten(1)[:, :4] if k == 8 else x.tile([8, 1, 1, 1])[:, :, 0, 0], [n, 4], [0, 0])", form="kept"),
    Case("crop", "offsets", "invalid", "crop's offset counts from the start", "paddle.crop(paddle.arange(64), [4], [n])"),
    Case("reshape reshape_ sparse_reshape", "shape", "infer", "reshape infers only one -1", "paddle.reshape(x, [n, -1])", "paddle.reshape(x, [n, -1, t])", form="several"),
    Case("split", "num_or_sections sections", "infer", "split infers only one -1", "paddle.split(paddle.concat([ids[:, 0] if k == 8 else ids.tile([2, 1]).flatten()] * 2 + [paddle.arange(5)]), [n, n, 5])[0]", "paddle.split(paddle.concat([ids[:, 0] if k == 8 else ids.tile([2, 1]).flatten()] * 2 + [paddle.arange(6)]), [n, n, t])[0]", form="several"),
    Case("split", "num_or_sections num", "invalid", "split makes that many parts", "paddle.split(x.reshape([-1, 144]).tile([1, 2]), n, 1)[0]", form="scalar"),
    # sizes
    Case("full full_with_tensor full_ full_batch_size_like", "shape", "invalid", f"full's shape {SHAPED}", "paddle.full([n, 3], 1.0)", "paddle.full([n, t], 1.0)"),
    Case("zeros", "shape", "invalid", f"zeros' shape {SHAPED}", "paddle.zeros([n, 3])", "paddle.zeros([n, t])"),
    Case("ones", "shape", "invalid", f"ones' shape {SHAPED}", "paddle.ones([n, 3])", "paddle.ones([n, t])"),
    Case("empty", "shape", "invalid", f"empty's shape {SHAPED}", "paddle.empty([n, 3])", "paddle.empty([n, t])", True),
    Case("new_full", "size", "invalid", f"new_full's size {SHAPED}", "x.new_full([n, 3], 1.0)", "x.new_full([n, t], 1.0)"),
    Case("new_zeros", "size", "invalid", f"new_zeros' size {SHAPED}", "x.new_zeros([n, 3])", "x.new_zeros([n, t])"),
    Case("new_ones", "size", "invalid", f"new_ones' size {SHAPED}", "x.new_ones([n, 3])", "x.new_ones([n, t])"),
    Case("new_empty", "size", "invalid", f"new_empty's size {SHAPED}", "x.new_empty([n, 3])", "x.new_empty([n, t])", True),
    Case("rand", "shape", "runtime", f"rand's shape {SHAPED}", "paddle.rand([n, 3])", "paddle.rand([n, t])", True),
    Case("randn standard_normal", "shape", "runtime", f"randn's shape {SHAPED}", "paddle.randn([n, 3])", "paddle.randn([n, t])", True),
    Case("normal gaussian", "shape", "runtime", f"normal's shape {SHAPED}", "paddle.normal(0.0, 1.0, [n, 3])", "paddle.normal(0.0, 1.0, [n, t])", True),
    Case("log_normal", "shape", "runtime", f"log_normal's shape {SHAPED}", "paddle.log_normal(0.0, 1.0, [n, 3])", "paddle.log_normal(0.0, 1.0, [n, t])", True),
    Case("uniform truncated_gaussian_random uniform_random_batch_size_like", "shape", "runtime", f"uniform's shape {SHAPED}", "paddle.uniform([n, 3])", "paddle.uniform([n, t])", True),
    Case("randint", "shape", "runtime", f"randint's shape {SHAPED}", "paddle.randint(0, 9, [n, 3])", "paddle.randint(0, 9, [n, t])", True),
    Case("randperm", "n", "invalid", "randperm's n is how many numbers to permute", "paddle.randperm(n)", "", True),
    Case("eye", "num_rows", "invalid", "eye's num_rows is a size", "paddle.eye(n, 4)"),
    Case("eye", "num_columns", "invalid", "eye's num_columns is a size", "paddle.eye(4, n)"),
    Case("tril_indices", "row", "invalid", "tril_indices' row is a size", "paddle.tril_indices(n, 4)"),
    Case("tril_indices", "col", "invalid", "tril_indices' col is a size", "paddle.tril_indices(4, n)"),
    Case("triu_indices", "row", "invalid", "triu_indices' row is a size", "paddle.triu_indices(n, 4)"),
    Case("triu_indices", "col", "invalid", "triu_indices' col is a size", "paddle.triu_indices(4, n)"),
    Case("linspace", "num", "runtime", "linspace's num is how many points to make", "paddle.linspace(0.0, 1.0, n)"),
    Case("logspace", "num", "runtime", "logspace's num is how many points to make", "paddle.logspace(0.0, 1.0, n)"),
    Case("vander", "n", "number", "vander's n is the number of columns", "paddle.vander(paddle.arange(3.0), n)"),
    Case("scatter_nd", "shape", "invalid", f"scatter_nd's shape {SHAPED}", "paddle.scatter_nd(paddle.to_tensor([[1]]), paddle.ones([1]), [n])", "paddle.scatter_nd(paddle.to_tensor([[1]]), paddle.ones([1, 6]), [n, t])"),
    Case("tile", "repeat_times", "runtime", "tile repeats an axis that often", "paddle.tile(paddle.ones([1, 4]), [n, 1])", "paddle.tile(paddle.ones([1, 4]), [n, t])"),
    Case("repeat_interleave", "repeats", "invalid", "repeat_interleave repeats each element that often", "paddle.repeat_interleave(paddle.ones([2, 4]), n, 0)"),
    Case("repeat", "repeats", "runtime", "repeat repeats an axis that often", "paddle.ones([1, 4]).repeat([n, 1])"),
    Case("combinations", "r", "invalid", "combinations' r is how many to choose", "paddle.combinations(paddle.arange(25), n) if n < 3 else x"),
    # splitting
    Case("chunk split_with_num", "chunks num", "invalid", "chunk makes that many parts", "paddle.chunk(x.reshape([-1, 144]).tile([1, 2]), n, 1)[0]"),
    Case("split", "num_or_sections sections", "infer", "split infers one -1 in a list of sections", "paddle.split(paddle.concat([ids[:, 0] if k == 8 else ids.tile([2, 1]).flatten(), paddle.arange(5)]), [n, 5])[0]", "paddle.split(paddle.concat([ids[:, 0] if k == 8 else ids.tile([2, 1]).flatten(), paddle.arange(6)]), [n, t])[0]"),
    Case("split_with_sizes", "split_sizes", "infer", "split_with_sizes infers one -1", "paddle.arange(40).split_with_sizes([n, 40 - n])[0]"),
    Case("tensor_split hsplit vsplit dsplit", "num_or_indices", "last", "tensor_split counts a negative index from the end", "paddle.tensor_split(paddle.arange(40), [n])[0]"),
    Case("unstack", "num", "invalid", "unstack's num must be the axis' own size", "paddle.unstack(paddle.arange(max(n, 1) * 2).reshape([max(n, 1), 2]), 0, n)[0]"),
    # from the end
    Case("slice", "starts", "last", "slice counts a negative start from the end", "paddle.slice(paddle.arange(40), [0], [n], [40])", "paddle.slice(paddle.ones([40, 8]), [0, 1], [n, t], [40, 8])"),
    Case("slice", "ends", "last", "slice counts a negative end from the end", "paddle.slice(paddle.arange(40), [0], [0], [n])", "paddle.slice(paddle.ones([40, 8]), [0, 1], [0, 0], [n, t])"),
    Case("strided_slice", "starts", "last", "strided_slice counts a negative start from the end", "paddle.strided_slice(paddle.arange(40), [0], [n], [40], [1])"),
    Case("strided_slice", "ends", "last", "strided_slice counts a negative end from the end", "paddle.strided_slice(paddle.arange(40), [0], [0], [n], [1])", "paddle.strided_slice(paddle.ones([40, 8]), [0, 1], [0, 0], [n, t], [1, 1])"),
    Case("strided_slice", "strides", "number", "strided_slice walks backwards with a negative stride", "paddle.strided_slice(paddle.arange(40), [0], [0], [40], [n])"),
    Case("getitem", "index indices item", "last", "an index or slice bound below zero counts from the end", "paddle.arange(40)[n]"),
    Case("getitem", "start", "last", "a slice start below zero counts from the end", "paddle.arange(40)[n:]"),
    Case("getitem", "stop", "last", "a slice end below zero counts from the end", "paddle.arange(40)[:n]", "paddle.ones([40, 8])[:n, :t]"),
    Case("getitem", "step", "number", "a slice step below zero walks backwards", "paddle.arange(40)[::n]"),
    Case("setitem set_value set_value_ set_value_with_tensor set_value_with_tensor_", "index indices starts", "last", "an index or slice bound below zero counts from the end", "assign_to(paddle.zeros([40]), n, 1.0)"),
    Case("setitem set_value set_value_ set_value_with_tensor set_value_with_tensor_", "stop ends", "last", "a slice end below zero counts from the end", "assign_to(paddle.zeros([40]), slice(None, n), 1.0)"),
    Case("setitem set_value set_value_ set_value_with_tensor set_value_with_tensor_", "step steps", "number", "a slice step below zero walks backwards", "assign_to(paddle.zeros([40]), slice(None, None, n), 1.0)"),
    Case("setitem set_value set_value_", "values value", "number", "the value is stored as it is", "assign_to(paddle.zeros([40]), 0, n)"),
    Case("narrow", "start", "last", "narrow counts a negative start from the end", "paddle.narrow(paddle.arange(40), 0, n, 1)"),
    Case("narrow", "length", "invalid", "narrow's length is a size", "paddle.narrow(paddle.arange(40), 0, 0, n)"),
    Case("select_scatter", "index", "last", "select_scatter counts a negative index from the end", "paddle.select_scatter(paddle.zeros([40]), paddle.ones([]), 0, n)"),
    Case("slice_scatter", "ends", "last", "slice_scatter counts a negative end from the end", "paddle.slice_scatter(paddle.zeros([40, 2]), paddle.ones([1, 2]), [0], [n - 1], [n], [1])"),
    # numbers
    Case("arange range_v2", "start", "number", "arange starts at that number", "paddle.arange(n, 40)"),
    Case("arange range_v2", "end", "number", "arange ends at that number: nothing is left of arange(-1)", "paddle.arange(n)"),
    Case("arange range_v2", "step", "number", "arange steps by that number", "paddle.arange(0, 40, n)"),
    Case("linspace", "stop", "number", "linspace ends at that number", "paddle.linspace(0, n, 5)"),
    Case("linspace", "start", "number", "linspace starts at that number", "paddle.linspace(n, 50, 5)"),
    Case("full", "fill_value", "number", "the fill value is stored as it is", "paddle.full([2], n)"),
    Case("full_like", "fill_value value", "number", "the fill value is stored as it is", "paddle.full_like(x, n)"),
    Case("new_full", "fill_value", "number", "the fill value is stored as it is", "x.new_full([2], n)"),
    Case("full", "value", "number", "the value is stored as it is", "paddle._C_ops.full([2], n, paddle.float32, paddle.CPUPlace()) if not paddle.in_dynamic_mode() else paddle.full([2], n)"),
    Case("fill fill_", "value", "number", "the fill value is stored as it is", "paddle.ones([2]).fill_(n)"),
    Case("to_tensor tensor as_tensor asarray assign_value assign_value_", "data", "number", "the number is stored as it is", "paddle.to_tensor([n, 3])", "paddle.to_tensor([n, t])"),
    Case("assign", "x", "number", "the number is stored as it is", "paddle.assign([n, 3])"),
    Case("add __add__ __radd__", "y", "number", "the number is added as it is", "x + n"),
    Case("subtract __sub__ __rsub__", "y", "number", "the number is subtracted as it is", "x - n"),
    Case("multiply __mul__ __rmul__", "y", "number", "the number is multiplied as it is", "x * n"),
    Case("divide __div__ __truediv__ __rdiv__ __rtruediv__", "y", "number", "x is divided by the number as it is", "x / float(n)"),
    Case("floor_divide __floordiv__ __rfloordiv__", "y", "number", "x is divided by the number as it is", "ids // n"),
    Case("remainder mod floor_mod __mod__ __rmod__", "y", "number", "the remainder takes the sign of the number", "ids % n"),
    Case("pow __pow__ __rpow__ elementwise_pow", "y", "number", "the number is the exponent as it is", "(x + 1.0) / 1000.0 ** n"),
    Case("equal __eq__ less_than __lt__ greater_than __gt__ less_equal __le__ greater_equal __ge__ not_equal __ne__", "y", "number", "x is compared with the number as it is", "x < n"),
    Case("bitwise_and __and__ bitwise_or __or__ bitwise_xor __xor__ bitwise_left_shift __lshift__ bitwise_right_shift __rshift__", "y", "number", "the number's bits are taken as they are", "paddle.bitwise_xor(ids, paddle.full_like(ids, n))"),
    Case("maximum", "y", "number", "x is compared with the number as it is", "paddle.maximum(x, paddle.full([], float(n)))"),
    Case("minimum", "y", "number", "x is compared with the number as it is", "paddle.minimum(x, paddle.full([], float(n)))"),
    Case("scale scale_", "scale", "number", "scale multiplies by the number as it is", "paddle.scale(x, n)"),
    Case("scale scale_", "bias", "number", "scale adds the number as it is", "paddle.scale(x, 1.0, n)"),
    Case("increment", "value", "number", "increment adds the number as it is", "paddle.increment(paddle.ones([1]), n)"),
    Case("clip clamp clip_ clamp_", "max", "number", "the bound is taken as it is", "paddle.clip(x, 0, n)"),
    Case("clip clamp clip_ clamp_", "min", "number", "the bound is taken as it is", "paddle.clip(x, n, 500)"),
    Case("hardtanh hardtanh_", "max", "number", "the bound is taken as it is", f"{F}.hardtanh(x, -99.0, n)"),
    Case("masked_fill masked_fill_", "value", "number", "the value is stored as it is", "paddle.masked_fill(x, x > 5, n)"),
    Case("where where_", "x", "number", "the value is stored as it is", "paddle.where(x > 5, float(n), 0.0)"),
    Case("where where_", "y", "number", "the value is stored as it is", "paddle.where(x > 5, 0.0, float(n))"),
    Case("index_fill index_fill_", "value", "number", "the value is stored as it is", "paddle.index_fill(x, paddle.to_tensor([1]), 1, n)"),
    Case("put_along_axis put_along_axis_", "values", "number", "the value is stored as it is", "paddle.put_along_axis(x, paddle.zeros([1, 1, 1, 1], 'int64'), float(n), 1)"),
    Case("fill_diagonal_ fill_diagonal", "value", "number", "the value is stored as it is", "paddle.zeros([3, 3]).fill_diagonal_(n)"),
    Case("lerp lerp_", "weight", "number", "the weight is taken as it is", "paddle.lerp(x, x * 2.0, float(n))"),
    Case("roll", "shifts", "number", "roll shifts the other way", "paddle.roll(paddle.arange(40), n + 1)", "paddle.roll(paddle.arange(80).reshape([40, 2]), [n, t], [0, 1])"),
    Case("rot90", "k", "number", "rot90 turns the other way", "paddle.rot90(x, n // 8 * 3 if k == 1 else n, [2, 3])"),
    Case("diff", "n", "invalid", "diff is taken n times", "paddle.diff(paddle.arange(40.0) ** 2, n if n < 9 else 3)"),
    Case("matrix_power", "n", "number", "a negative power is a power of the inverse", "paddle.linalg.matrix_power(paddle.diag(paddle.to_tensor([1.0, 1.25])), n)"),
    Case("tril tril_", "diagonal", "number", "the diagonal is counted downwards when negative", "paddle.tril(paddle.ones([40, 40]), n)"),
    Case("triu triu_", "diagonal", "number", "the diagonal is counted downwards when negative", "paddle.triu(paddle.ones([40, 40]), n)"),
    Case("diag diagflat", "offset", "number", "the diagonal is counted downwards when negative", "paddle.diag(paddle.arange(3), n)"),
    Case("diagonal trace diagonal_scatter", "offset", "number", "the diagonal is counted downwards when negative", "paddle.diagonal(paddle.arange(1600).reshape([40, 40]), n)"),
    Case("pad pad3d", "pad paddings", "number", "a negative pad cuts off", f"{F}.pad(x, [n + 8, 0, 0, 0])", f"{F}.pad(x, [n, 0, t, 0])"),
    Case("pad pad3d", "value pad_value", "number", "the value is stored as it is", f"{F}.pad(x, [1, 0, 0, 0], value=n)"),
    Case("zeropad2d", "padding", "number", "a negative pad cuts off", f"{F}.zeropad2d(x, [n + 8, 0, 0, 0])"),
    Case("one_hot", "num_classes", "number", "one_hot makes that many classes", f"{F}.one_hot(ids % 2, n)"),
    Case("sequence_mask", "maxlen max_len", "number", "sequence_mask takes the longest length where it is given a negative one", f"{F}.sequence_mask(paddle.to_tensor([1]), n)"),
    Case("shard_index", "index_num", "number", "shard_index' index_num is a number of rows", "paddle.shard_index(ids.reshape([-1, 1]) % 2, n, 2, 0)"),
    Case("bincount", "minlength", "invalid", "bincount's minlength is a size", "paddle.bincount(paddle.to_tensor([1]), None, n)"),
    Case("histogram histogram_bin_edges", "bins", "invalid", "histogram's bins is how many bins to make", "paddle.histogram(x, n)"),
    Case("label_smooth", "epsilon", "number", "the number is taken as it is", f"{F}.label_smooth(x, epsilon=float(n) / 100.0)"),
    Case("randint", "high", "number", "randint draws below that number", "paddle.randint(0, n, [1]) * 0 + n", "", True),
    Case("embedding", "padding_idx", "last", "embedding counts a negative padding_idx from the end", f"{F}.embedding(paddle.arange(40), paddle.ones([40, 2]), padding_idx=n)"),
    Case("quantile nanquantile", "q", "number", "the quantile is a number from 0 to 1", "paddle.quantile(x, n / 100.0)"),
    Case("randint", "low", "number", "randint draws from that number on", "paddle.randint(n, 100, [1]) * 0 + n", "", True),
    Case("uniform", "min", "number", "uniform draws from that number on", "paddle.uniform([1], 'float32', float(n), 100.0) * 0 + n", "", True),
    Case("uniform", "max", "number", "uniform draws below that number", "paddle.uniform([1], 'float32', -99.0, float(n)) * 0 + n", "", True),
    Case("dropout", "p", "number", "the probability is a number from 0 to 1", f"{F}.dropout(x, n / 100.0, training=False)"),
    Case("isclose allclose", "rtol atol", "number", "the tolerance is taken as it is", "paddle.isclose(x, x + 0.5, 0.0, float(n))"),
    # counts along an axis
    Case("topk", "k", "invalid", "topk's k is how many to take", "paddle.topk(x.flatten(1), n)[0]"),
    Case("kthvalue", "k", "invalid", "kthvalue's k counts from 1", "paddle.kthvalue(x.flatten(1), n)[0]"),
    Case("multinomial", "num_samples", "invalid", "multinomial's num_samples is how many to draw", "paddle.multinomial(paddle.ones([40]), n)", "", True),
    Case("nms", "top_k", "number", "nms keeps that many boxes", "paddle.vision.ops.nms(paddle.arange(160.0).reshape([40, 4]), 0.1, paddle.arange(40.0), paddle.zeros([40], 'int64'), [0], n)"),
    # indices made of Python ints
    Case("gather", "index", "last", "gather counts a negative index from the end, or fails", "paddle.gather(paddle.arange(40), paddle.to_tensor([n]))"),
    Case("index_select", "index", "last", "index_select counts a negative index from the end", "paddle.index_select(paddle.arange(40), paddle.to_tensor([n]))"),
    Case("take_along_axis", "indices", "last", "take_along_axis counts a negative index from the end, or fails", "paddle.take_along_axis(paddle.arange(40), paddle.to_tensor([n]), 0)"),
    Case("take", "index", "last", "take counts a negative index from the end", "paddle.take(paddle.arange(40), paddle.to_tensor([n]))"),
    Case("gather_nd", "index", "last", "gather_nd counts a negative index from the end, or fails", "paddle.gather_nd(paddle.arange(40), paddle.to_tensor([n]))"),
    Case("scatter scatter_", "index", "last", "scatter counts a negative index from the end, or fails", "paddle.scatter(paddle.zeros([40]), paddle.to_tensor([n]), paddle.ones([1]))"),
    Case("index_sample", "index", "last", "index_sample counts a negative index from the end, or fails", "paddle.index_sample(paddle.arange(40.0).reshape([1, 40]), paddle.to_tensor([[n]]))"),
    Case("embedding", "x", "invalid", "embedding looks that row up", f"{F}.embedding(paddle.to_tensor([n]), paddle.arange(80.0).reshape([40, 2]))"),
    # spatial sizes
    Case("interpolate upsample linear_interp bilinear_interp bicubic_interp nearest_interp trilinear_interp interp_antialias", "size out_d out_h out_w", "invalid", "interpolate's size is the size of the result", f"{F}.interpolate(x, [n, 9])", f"{F}.interpolate(x, [n, t])"),
    Case("interpolate upsample", "scale_factor", "invalid", "interpolate's scale_factor multiplies the size", f"{F}.interpolate(x, scale_factor=float(n))"),
    Case("adaptive_avg_pool1d adaptive_max_pool1d", "output_size", "invalid", "the pool's output_size is the size of the result", f"{F}.adaptive_avg_pool1d(x.flatten(2), n)"),
    Case("adaptive_avg_pool2d", "output_size", "invalid", "the pool's output_size is the size of the result", f"{F}.adaptive_avg_pool2d(x, [n, 3])", f"{F}.adaptive_avg_pool2d(x, [n, t])"),
    Case("adaptive_max_pool2d", "output_size", "invalid", "the pool's output_size is the size of the result", f"{F}.adaptive_max_pool2d(x, [n, 3])"),
    Case("adaptive_avg_pool3d adaptive_max_pool3d", "output_size", "invalid", "the pool's output_size is the size of the result", f"{F}.adaptive_avg_pool3d(x.unsqueeze(1), [n, 3, 3])"),
    Case("affine_grid", "out_shape output_shape", "invalid", "affine_grid's out_shape is the size of the result", f"{F}.affine_grid(paddle.ones([1, 2, 3]).expand([x.shape[0] if paddle.in_dynamic_mode() else -1, 2, 3])[:1], [1, 3, n, 4])", f"{F}.affine_grid(paddle.ones([1, 2, 3]), [1, 3, n, t])"),
    Case("avg_pool2d lp_pool2d avg_pool1d avg_pool3d lp_pool1d pool2d pool3d", "kernel_size", "invalid", "the pool's kernel_size is a window", f"{F}.avg_pool2d(x.tile([1, 1, 5, 1]), [n, 1])", f"{F}.avg_pool2d(x.tile([1, 1, 5, 1]), [n, t])"),
    Case("max_pool2d max_pool1d max_pool3d", "kernel_size", "invalid", "the pool's kernel_size is a window", f"{F}.max_pool2d(x.tile([1, 1, 5, 1]), [n, 1])"),
    Case("avg_pool2d lp_pool2d max_pool2d avg_pool1d max_pool1d avg_pool3d max_pool3d lp_pool1d pool2d pool3d", "stride strides", "invalid", "the pool's stride is a step", f"{F}.avg_pool2d(x.tile([1, 1, 5, 1]), 2, [n, 1])"),
    Case("avg_pool2d lp_pool2d max_pool2d avg_pool1d max_pool1d avg_pool3d max_pool3d lp_pool1d pool2d pool3d", "padding paddings", "invalid", "the pool's padding is a size", f"{F}.avg_pool2d(x.tile([1, 1, 10, 1]), [50, 1], 1, [n, 0])"),
    Case("conv2d conv1d conv3d depthwise_conv2d conv2d_transpose conv1d_transpose conv3d_transpose", "stride strides", "invalid", "the convolution's stride is a step", f"{F}.conv2d(x.tile([1, 1, 5, 1]), paddle.ones([2, 4, 1, 1]), stride=[n, 1])"),
    Case("conv2d conv1d conv3d depthwise_conv2d conv2d_transpose conv1d_transpose conv3d_transpose", "padding paddings", "invalid", "the convolution's padding is a size", f"{F}.conv2d(x.tile([1, 1, 5, 1]), paddle.ones([2, 4, 1, 1]), padding=[n, 1])"),
    Case("conv2d conv1d conv3d depthwise_conv2d conv2d_transpose conv1d_transpose conv3d_transpose", "dilation dilations", "invalid", "the convolution's dilation is a step", f"{F}.conv2d(x.tile([1, 1, 5, 1]), paddle.ones([2, 4, 2, 1]), dilation=[n, 1])"),
    Case("conv2d conv1d conv3d depthwise_conv2d conv2d_transpose conv1d_transpose conv3d_transpose", "groups", "invalid", "groups must divide the channels", f"{F}.conv2d(x.tile([1, 12, 1, 1]), paddle.ones([48, 48 // max(n, 1), 1, 1]), groups=n)"),
    Case("conv2d_transpose conv1d_transpose conv3d_transpose conv2d_transpose_bias depthwise_conv2d_transpose", "output_size", "invalid", "the convolution's output_size is the size of the result", f"{F}.conv2d_transpose(x[:, :, :1, :1], paddle.ones([4, 2, 1, 1]), stride=30, output_size=[n, 7])"),
    Case("max_unpool2d max_unpool1d max_unpool3d unpool unpool3d", "output_size", "invalid", "max_unpool2d's output_size is the size of the result", f"{F}.max_unpool2d(x[:, :, :1, :1], paddle.zeros(paddle.shape(x[:, :, :1, :1]), 'int32'), 2 if k == 8 else 20, output_size=[n, 3 if k == 8 else 21])"),
    Case("unfold", "kernel_sizes", "invalid", "unfold's kernel_sizes is a window", f"{F}.unfold(x.tile([1, 1, 5, 1]), [n, 1])"),
    Case("unfold", "size", "invalid", "unfold's size is a window", "paddle.unfold(paddle.arange(40.0), 0, n, 1)"),
    Case("unfold", "step", "invalid", "unfold's step is a step", "paddle.unfold(paddle.arange(40.0), 0, 2, n)"),
    Case("fold", "output_sizes", "invalid", "fold's output_sizes is the size of the result", f"{F}.fold(paddle.ones([1, 4, 2 * max(n, 1)]), [n, 3], [1, 2])"),
    Case("fold", "kernel_sizes", "invalid", "fold's kernel_sizes is a window", f"{F}.fold(paddle.ones([1, max(n, 1), 2]), [max(n, 1) + 1, 1], [n, 1])"),
    Case("pixel_shuffle", "upscale_factor", "invalid", "pixel_shuffle's upscale_factor must divide the channels", f"{F}.pixel_shuffle(x.tile([1, 576, 1, 1]), n)"),
    Case("pixel_unshuffle", "downscale_factor", "invalid", "pixel_unshuffle's downscale_factor must divide the size", f"{F}.pixel_unshuffle(x.tile([1, 1, 8, 8]), n)"),
    Case("channel_shuffle", "groups", "invalid", "groups must divide the channels", f"{F}.channel_shuffle(x.tile([1, 12, 1, 1]), n)"),
    Case("group_norm", "num_groups", "invalid", "num_groups must divide the channels", f"{F}.group_norm(x.tile([1, 12, 1, 1]), n)"),
    Case("maxout", "groups", "invalid", "groups must divide the channels", f"{F}.maxout(x.tile([1, 12, 1, 1]), n)"),
    Case("temporal_shift", "seg_num", "invalid", "temporal_shift's seg_num divides the batch", f"{F}.temporal_shift(x.tile([8, 1, 1, 1]), n)"),
    Case("local_response_norm", "size", "invalid", "local_response_norm's size is a window", f"{F}.local_response_norm(x.tile([1, 12, 1, 1]), n)"),
    Case("layer_norm rms_norm", "normalized_shape", "invalid", "layer_norm's normalized_shape must equal the last dims", f"{F}.layer_norm(paddle.ones([2, max(n, 1)]), n)"),
    Case("roi_align roi_pool psroi_pool", "output_size", "invalid", "roi_align's output_size is the size of the result", "paddle.vision.ops.roi_align(x[:1], paddle.to_tensor([[0.0, 0.0, 4.0, 4.0]]), paddle.to_tensor([1], 'int32'), (n, 3))"),
    Case("send_u_recv send_ue_recv graph_send_recv", "out_size", "number", "the op takes its own size where out_size is not positive", "paddle.geometric.send_u_recv(paddle.ones([4, 2]), paddle.to_tensor([0, 1]), paddle.to_tensor([1, 1]), out_size=n)"),
    Case("as_strided", "shape dims", "invalid", f"as_strided's shape {SHAPED}", "paddle.as_strided(paddle.arange(99.0), [n, 3], [3, 1])"),
    Case("as_strided", "stride", "number", "as_strided's stride is a step", "paddle.as_strided(paddle.arange(99.0), [2, 3], [n, 1])"),
    # signals
    Case("fft ifft rfft irfft hfft ihfft", "n", "invalid", "fft's n is the length of the signal", "paddle.fft.rfft(paddle.arange(40.0), n)"),
    Case("fft2 ifft2 rfft2 irfft2 hfft2 ihfft2 fftn ifftn rfftn irfftn hfftn ihfftn", "s", "invalid", "fft2's s is the size of the signal", "paddle.fft.rfft2(x, [n, 4])"),
    Case("fftfreq rfftfreq", "n", "invalid", "fftfreq's n is the length of the signal", "paddle.fft.fftfreq(n)"),
    Case("stft istft", "n_fft", "invalid", "stft's n_fft is a window", "paddle.signal.stft(paddle.arange(90.0).reshape([1, 90]), n, 1)"),
    Case("stft istft", "hop_length", "invalid", "stft's hop_length is a step", "paddle.signal.stft(paddle.arange(90.0).reshape([1, 90]), 8, n)"),
    Case("frame", "frame_length", "invalid", "frame's frame_length is a window", "paddle.signal.frame(paddle.arange(90.0), n, 2)"),
    Case("frame overlap_add", "hop_length", "invalid", "frame's hop_length is a step", "paddle.signal.frame(paddle.arange(90.0), 8, n)"),
    # axis numbers
    Case("sum mean max min prod all any argmax argmin cumsum logsumexp amax amin median std var nansum norm softmax log_softmax squeeze unsqueeze unbind concat stack flip", "axis", "axis", "an axis number, which a size is not", "paddle.sum(x, n // 8 if k == 1 else n)"),
)
# fmt: on
