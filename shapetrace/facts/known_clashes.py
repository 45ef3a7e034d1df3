"""What engines and converters are known to do wrong with exports of Paddle, by version: a reviewed table, as `known_causes.py` is.

Each entry was seen on the versions it names (`benchmarks/served.py`, and one op each). `shapetrace verify --engine` says what to write where one is
met, `shapetrace doctor` tells of those that the installed versions have before anything is converted, and docs/reference/known-clashes.md has a row for it.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Literal, NamedTuple

from shapetrace.said import Said, said

_GITHUB = "https://github.com/PaddlePaddle"

Where = Literal["Paddle2ONNX", "OpenVINO", "Paddle Inference"]


class Versions(NamedTuple):
    """Versions from `least` on, up to and without `below`; an empty bound is none."""

    least: str = ""
    below: str = ""


class Clash(NamedTuple):
    """Something known of an engine or a converter."""

    where: Where
    says: Said
    do: Said
    """What to write or install; it names the newest release without the fault, where there is one."""
    measured: tuple[str, ...]
    """Versions of Paddle."""
    threads: tuple[str, ...] = ()
    paddle: Versions = Versions("3")
    """Versions of Paddle that have it."""
    converter: Versions = Versions()
    """The same of Paddle2ONNX."""
    message: str = ""
    """A pattern of what is said when it happens; empty where nothing is."""
    ops: str = ""
    """A pattern of the op's name."""
    versions_tell: bool = False
    """Whether it is worth telling of before a conversion, by the versions alone."""


_NO_MAPPER = {
    "logit": "paddle.log(p / (1 - p))",
    "masked_fill": "paddle.where(mask, value, x)",
    "channel_shuffle": "reshape, transpose and reshape",
    "erfinv": "a table, outside of the model",
    "cumprod": "paddle.exp(paddle.cumsum(paddle.log(x), axis=-1)), with x positive",
    "index_add": "paddle.scatter_nd_add",
    "kldiv_loss": "(label * (paddle.log(label) - x)).sum()",
    "celu": "F.relu(x) - alpha * F.relu(1 - paddle.exp(x / alpha))",
    "stanh": "scale_b * paddle.tanh(scale_a * x)",
    "amax": "x.max(axis=...)",
    "amin": "x.min(axis=...)",
    "expm1": "paddle.exp(x) - 1",
    "lerp": "x + weight * (y - x)",
    "trunc": "paddle.sign(x) * paddle.floor(paddle.abs(x))",
    "addmm": "beta * input + alpha * paddle.matmul(x, y)",
    "label_smooth": "(1 - epsilon) * label + epsilon / classes",
    "broadcast_tensors": "paddle.gather_nd with one tensor of indices",
    "crop": "x[:, :, 2:7, 1:7]",
    "kron": "(a.unsqueeze([1, 3]) * b.unsqueeze([0, 2])).flatten(2, 3).flatten(0, 1)",
    "lp_pool2d": "(F.avg_pool2d(x**2, 2, 2) * 4).sqrt(), with a norm of 2 and windows of 2 by 2",
    "affine_grid": "paddle.matmul(base, theta.transpose([0, 2, 1]).unsqueeze(1)), with base = paddle.stack([xs, ys, ones], -1) of a meshgrid from -1 to 1",
    "unpool": "F.pixel_shuffle of paddle.where(which == place, x, 0) for each place in a window, with which = argmax over x[:, :, i::2, j::2]",
    "frobenius_norm": "x.square().sum(axis=...).sqrt()",
    "median": "paddle.sort(x, axis=-1)[..., (n - 1) // 2 : n // 2 + 1].mean(axis=-1)",
    "fmax": "paddle.maximum(x, y)",
    "fmin": "paddle.minimum(x, y)",
    "logcumsumexp": "paddle.log(paddle.cumsum(paddle.exp(x), axis=-1))",
    "cummax": "paddle.where(paddle.tril(paddle.ones([n, n])) > 0, x.unsqueeze(-2), -3e38).max(axis=-1)",
    "kthvalue": "paddle.topk(x, k, axis=-1, largest=False)[0][..., k - 1]",
    "searchsorted": "(values.unsqueeze(-1) > edges).astype('int64').sum(axis=-1)",
    "heaviside": "paddle.where(x > 0, 1.0, paddle.where(x == 0, y, 0.0))",
    "diagonal": "(x * paddle.eye(n)).sum(axis=-1)",
    "trace": "(x * paddle.eye(n)).sum(axis=[-2, -1])",
    "diag": "x.unsqueeze(-1) * paddle.eye(n)",
    "diag_embed": "x.unsqueeze(-1) * paddle.eye(n)",
    "maxout": "x.reshape([batch, channels, groups, height, width]).max(axis=2)",
    "multiplex": "paddle.where(index == 0, first, second)",
    "cross": "paddle.roll(x, -1, axis) * paddle.roll(y, -2, axis) - paddle.roll(x, -2, axis) * paddle.roll(y, -1, axis)",
    "bitwise_left_shift": "x * 2**n",
    "isclose": "(x - y).abs() <= atol + rtol * y.abs()",
    "allclose": "((x - y).abs() <= atol + rtol * y.abs()).all()",
    "equal_all": "(x == y).all()",
    "copysign": "paddle.where(y < 0, -x.abs(), x.abs())",
    "sequence_mask": "(paddle.arange(maxlen) < x.unsqueeze(-1)).astype('int64')",
    "sigmoid_cross_entropy_with_logits": "F.relu(x) - x * label + paddle.log1p(paddle.exp(-x.abs()))",
    "huber_loss": "paddle.where(d < 1, 0.5 * d * d, d - 0.5), with d = (x - label).abs() and a delta of 1",
    "bilinear": "paddle.einsum('bi,oij,bj->bo', x, weight, y)",
    "rrelu": "F.relu(x) - slope * F.relu(-x), with the slope midway between lower and upper",
    "asinh": "paddle.sign(x) * paddle.log(x.abs() + paddle.sqrt(x * x + 1))",
    "acosh": "paddle.log(x + paddle.sqrt(x * x - 1))",
    "atanh": "0.5 * paddle.log((1 + x) / (1 - x))",
    "renorm": "x * paddle.minimum(most / (norms + 1e-7), paddle.ones_like(norms))",
}
"""What to write for an op that has no mapper; rows of docs/reference/known-clashes.md."""

_OUTSIDE = frozenset(
    {
        *("nms", "svd", "inverse", "det", "slogdet", "cholesky", "cholesky_solve", "solve", "triangular_solve", "qr"),
        *("eig", "eigh", "eigvals", "eigvalsh", "lu", "lstsq", "matrix_rank", "mode", "lgamma", "digamma", "polygamma"),
        *("histogram", "bincount", "roi_pool", "psroi_pool", "unique_consecutive", "viterbi_decode"),
    }
)
"""Ops without a mapper that no few others stand for."""

_RANDOM = frozenset({"randint", "randperm", "bernoulli", "binomial", "poisson", "exponential", "standard_gamma"})
"""Ops without a mapper that draw numbers."""

_CONSTANT = frozenset({"prior_box", "tril_indices", "triu_indices"})
"""Ops without a mapper whose result is the same each time."""

_NOTHING_TO_WRITE = {
    _OUTSIDE: said("let the model return what goes into it, and compute it outside"),
    _RANDOM: said("give the model its random numbers as an input"),
    _CONSTANT: said("compute it in __init__, and register it as a buffer"),
}
"""What to do about an op that nothing is to be written for."""

_NOT_MADE = r"not a graph input, initializer, or output of a previous node|Input tensor isn't found for node"
"""What ONNX Runtime and OpenVINO say of a file in which no node makes what another one takes."""

KNOWN = (
    Clash(
        "Paddle2ONNX",
        said(
            "Paddle 3.3 stores floats of attributes as doubles, which Paddle2ONNX up to 2.1.0 does not read: it ends the process at "
            "interpolate(scale_factor=...) and at deformable convolutions, and the fill of F.pad, the slope of leaky_relu and the epsilon of group_norm are "
            "what is in memory"
        ),
        said("convert with Paddle 3.2.2; or give interpolate a size, and pad by paddle.concat with paddle.full"),
        ("3.3.1",),
        (f"{_GITHUB}/Paddle2ONNX/issues/1646",),
        paddle=Versions("3.3"),
        converter=Versions(below="2.2"),
        message=r"MUST be ir::FloatAttribute",
        versions_tell=True,
    ),
    Clash(
        "Paddle2ONNX",
        said("x.mean() over everything cannot be converted"),
        said("name the axes: x.mean(axis=[0, 1, 2, 3])"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"Can not get input 'axis\(dim\)' value",
        ops=r"mean$|sum$|prod$",
    ),
    Clash(
        "Paddle2ONNX",
        said("adaptive pooling of an axis of unknown size cannot be converted"),
        said("fix height and width in the spec, or pool to 1: x.mean(axis=[2, 3], keepdim=True)"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"Adaptive only support static input shape",
        ops=r"pool[23]d",
    ),
    Clash(
        "Paddle2ONNX",
        said("split and chunk along an axis of unknown size cannot be converted"),
        said("take the parts by slices, x[:, :n] and x[:, n:], or fix the size of that axis in the spec"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"Cannot convert split op, (while there's -1 in sections|due to target dimension is dynamic)",
        ops=r"split",
    ),
    Clash(
        "Paddle2ONNX",
        said("flip along an axis of unknown size cannot be converted"),
        said("write x[:, :, :, ::-1]"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"must be fixed for flip operator",
        ops=r"flip$",
    ),
    Clash(
        "Paddle2ONNX",
        said("a convolution with data_format='NHWC' cannot be converted"),
        said("leave it at NCHW, and transpose the image before the first one and after the last one"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"Cannot support input with NHWC format",
    ),
    Clash(
        "Paddle2ONNX",
        said("softplus cannot be converted: its attributes are doubles too"),
        said("convert with Paddle 3.2.2; or write F.relu(x) + paddle.log1p(paddle.exp(-paddle.abs(x)))"),
        ("3.3.1",),
        (f"{_GITHUB}/Paddle2ONNX/issues/1646",),
        paddle=Versions("3.3"),
        converter=Versions(below="2.2"),
        message=r"Only support softplus with beta",
        ops=r"softplus$",
    ),
    Clash(
        "Paddle2ONNX",
        said("repeat_interleave becomes a Tile with too few repeats, which no runtime takes"),
        said("repeat by a new axis: x.unsqueeze(1).expand([-1, 3, ...]).flatten(0, 1)"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"\bTile\b",
        ops=r"repeat_interleave",
    ),
    Clash(
        "OpenVINO",
        said("an einsum with an ellipsis cannot be loaded"),
        said("write the letters out: bchw,bckw->bchk"),
        ("3.2.2", "3.3.1"),
        message=r"-- Einsum-\d+ with a message",
        ops=r"einsum$",
    ),
    Clash(
        "Paddle2ONNX",
        said("letters of einsum that differ by case only become the same letter"),
        said("use letters that differ in more than case: bchw,bcgw->bhg in place of bchw,bcHw->bhH"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"repeated letters|[Ee]insum",
        ops=r"einsum$",
    ),
    Clash(
        "Paddle2ONNX",
        said("roll by a number that is computed from a size is left out of the file"),
        said("put the parts together: paddle.concat([x[:, :, -n:], x[:, :, :-n]], axis=2)"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=rf"does not exist|not found|undefined|unknown|{_NOT_MADE}",
        ops=r"\.roll$",
    ),
    Clash(
        "Paddle2ONNX",
        said("a list that grows in a loop is left out of the file"),
        said("compute all rows at once, without the loop; or write them into a tensor that was made before it"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=_NOT_MADE,
        ops=r"array_",
    ),
    Clash(
        "Paddle2ONNX",
        said("a number computed over everything is [1] in the file, which a loop does not take for its condition"),
        said("make the condition one element of a tensor with an axis: x.abs().sum().reshape([1])[0] < 100"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"Loop.*Mismatch between number of inferred and declared dimensions",
        ops=r"while$",
    ),
    Clash(
        "Paddle2ONNX",
        said("the indices of max_pool2d(return_mask=True) are left out of the file"),
        said("return the maxima only: F.max_pool2d(x, 2, 2)"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=rf"does not exist in the graph|is not produced by any operation|{_NOT_MADE}",
        ops=r"with_index$",
    ),
    Clash(
        "Paddle2ONNX",
        said("unique of integers is declared as one of floats in the file, and so is what else it returns"),
        said(
            "write paddle.unique(x.astype('float32')).astype('int64') for numbers below 2**24, and let it return no more"
        ),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"node \(Unique|is float32; the model gives int64",
        ops=r"unique$",
    ),
    Clash(
        "Paddle2ONNX",
        said("paddle.eye of a size that the input has ends the process"),
        said("write (rows.unsqueeze(1) == rows).astype('float32'), with rows = paddle.arange(n)"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"SIGABRT",
        ops=r"\.eye$",
    ),
    Clash(
        "Paddle2ONNX",
        said("dot of two batches of vectors keeps an axis of size 1"),
        said("write (x * y).sum(axis=-1)"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"has the shape|differs in",
        ops=r"\.dot$",
    ),
    Clash(
        "Paddle2ONNX",
        said("a SimpleRNN is left out of the file"),
        said("use nn.GRU or nn.LSTM, which are written"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=_NOT_MADE,
        ops=r"\.rnn$",
    ),
    Clash(
        "Paddle2ONNX",
        said("a deformable convolution without a mask cannot be converted"),
        said(
            "give it one: deform_conv2d(x, offset, weight, mask=paddle.ones_like(offset[:, :9])) for a kernel of 3 by 3"
        ),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"impl_ pointer is null",
        ops=r"deformable_conv$",
    ),
    Clash(
        "Paddle2ONNX",
        said("temporal_shift of a height or width of unknown size becomes a Reshape with more than one -1"),
        said("fix height and width in the spec"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"\bReshape\b|\bPad-",
        ops=r"temporal_shift$",
    ),
    Clash(
        "Paddle2ONNX",
        said("roll without an axis becomes a Reshape with more than one -1"),
        said("name the axis; or write paddle.concat([f[-n:], f[:-n]]).reshape(x.shape), with f = x.flatten()"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"Reshape",
        ops=r"\.roll$",
    ),
    Clash(
        "Paddle2ONNX",
        said("squeeze of an axis that is not 1 leaves it as it is in Paddle, and fails in ONNX"),
        said("squeeze only axes that are 1 at all sizes, or fix the size in the spec"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"input_shape\[i\] == 1 was false|conflicts with the reshape pattern",
        ops=r"squeeze$",
    ),
    Clash(
        "Paddle2ONNX",
        said("the NMS of detectors is written for a batch of one, and keeps other boxes"),
        said("export without it (export.nms=False in PaddleDetection), and run it after the model"),
        ("3.2.2",),
        converter=Versions(below="2.2"),
        message=r"differs in|has the shape|\bConcat\b",
        ops=r"multiclass_nms3$",
    ),
    Clash(
        "OpenVINO",
        said("it reads no loop that Paddle2ONNX writes"),
        said("serve it in ONNX Runtime, which does; or compute all steps at once, without the loop"),
        ("3.2.2", "3.3.1"),
        converter=Versions(below="2.2"),
        message=r"OpConversionFailure.*\bLoop-",
        ops=r"while$",
    ),
    Clash(
        "OpenVINO",
        said(
            "a size that is a number less a remainder, as in 8 - h % 8, cannot be loaded in the list of a shape or a padding"
        ),
        said("write (h + 7) // 8 * 8 - h for what is missing to a multiple of 8"),
        ("3.2.2", "3.3.1"),
        message=r"Accessing out-of-range dimension",
        ops=r"stack$|concat$|full_with_tensor$|pad",
    ),
    Clash(
        "OpenVINO",
        said("an assignment to a part along two axes, as x[:, :, 2:4, 1:3] = 1, cannot be loaded"),
        said(
            "write paddle.where(inside, value, x), with a mask made of paddle.arange; or make what is constant in __init__, and register it as a buffer"
        ),
        ("3.2.2", "3.3.1"),
        message=r"-- ReduceProd-\d+ with a message",
        ops=r"set_value",
    ),
    Clash(
        "OpenVINO",
        said("masked_select cannot be loaded"),
        said("write paddle.gather_nd(x, paddle.nonzero(mask))"),
        ("3.2.2", "3.3.1"),
        message=r"with dynamic rank",
        ops=r"masked_select$",
    ),
    Clash(
        "OpenVINO",
        said("logsumexp over some of the axes is one over all of them"),
        said("write paddle.log(paddle.exp(x).sum(axis=[2, 3]))"),
        ("3.2.2", "3.3.1"),
        message=r"has the shape|differs in",
        ops=r"logsumexp$",
    ),
    Clash(
        "OpenVINO",
        said("squeeze() without an axis keeps axes that turn out to be 1"),
        said("name the axis: x.squeeze(3)"),
        ("3.2.2", "3.3.1"),
        message=r"has the shape",
        ops=r"squeeze$",
    ),
    Clash(
        "OpenVINO",
        said("padding with mode='circular' cannot be loaded"),
        said("put the parts together: paddle.concat([x[:, :, :, -1:], x, x[:, :, :, :2]], axis=3) pads by 1 and 2"),
        ("3.2.2", "3.3.1"),
        message=r"-- Pad-\d+ with a message.*[Uu]nsupported",
        ops=r"pad(3d)?$",
    ),
    Clash(
        "OpenVINO",
        said("it has no conversion for an op of the file"),
        said("serve it in ONNX Runtime"),
        ("3.2.2", "3.3.1"),
        message=r"No conversion rule found for operations",
    ),
    Clash(
        "Paddle2ONNX",
        said(
            "its message that the conversion is aborted due to unsupported operators names none, and it ends the process"
        ),
        said("shapetrace verify --engine onnxruntime names them with their lines"),
        ("3.2.2", "3.3.1"),
        (f"{_GITHUB}/PaddleOCR/issues/17202", f"{_GITHUB}/PaddleOCR/issues/18190"),
        converter=Versions(below="2.2"),
        message=r"Due to the unsupported operators",
    ),
    Clash(
        "Paddle2ONNX",
        said("its default optimizer starts `pip install` during the export"),
        said("paddle2onnx.export(..., optimize_tool='None')"),
        ("3.2.2", "3.3.1"),
        converter=Versions("2", "2.2"),
    ),
    Clash(
        "Paddle Inference",
        said("interpolate fails under oneDNN, which is on by default on a CPU"),
        said("config.disable_mkldnn(); or Paddle 3.2.2, for other sizes than those of align_corners=True"),
        ("3.3.1",),
        (f"{_GITHUB}/Paddle/issues/79749", f"{_GITHUB}/Paddle/issues/77340", f"{_GITHUB}/PaddleOCR/issues/17869"),
        paddle=Versions("3.3", "3.4"),
        message=r"ConvertPirAttribute2RuntimeAttribute not support",
        ops=r"_interp$|^$",
        versions_tell=True,
    ),
    Clash(
        "Paddle Inference",
        said("a convolution with data_format='NHWC' is run as one with NCHW under oneDNN"),
        said("config.disable_mkldnn(); or leave it at NCHW"),
        ("3.3.1",),
        message=r"data_format is NHWC|differs in",
        ops=r"conv[23]d",
    ),
    Clash(
        "Paddle Inference",
        said("leaky_relu after a convolution crashes under oneDNN while the model is loaded"),
        said("config.disable_mkldnn(); or Paddle 3.2.2"),
        ("3.3.1",),
        paddle=Versions("3.3", "3.4"),
        message=r"SIGSEGV",
        ops=r"leaky_relu",
    ),
    Clash(
        "Paddle Inference",
        said("an if on a parameter cannot be loaded: the pass that computes what is constant takes no if"),
        said(
            "leave the if out: if self.alpha is not None asks the same in Python; or config.delete_pass('constant_folding_pass')"
        ),
        ("3.0.0", "3.2.2", "3.3.1"),
        message=r"size 0 of regions must be equal to 2",
        ops=r"\.if$|^$",
    ),
    Clash(
        "Paddle Inference",
        said("F.pad by a negative number, which crops, fails under oneDNN with std::exception"),
        said("crop by a slice: x[:, :, 1:-1, 1:-1]; or config.disable_mkldnn()"),
        ("3.2.2", "3.3.1"),
        message=r"std::exception",
        ops=r"pad(3d)?$",
    ),
    Clash(
        "Paddle Inference",
        said("an NMS keeps another box where scores differ by rounding, as they do with weights that are not trained"),
        said("verify with trained weights, or what goes into the NMS (export.nms=False in PaddleDetection)"),
        ("3.2.2",),
        message=r"differs in|has the shape",
        ops=r"nms",
    ),
    Clash(
        "Paddle Inference",
        said("an input that is returned as it is cannot be served"),
        said("return a copy of it: paddle.assign(x)"),
        ("3.2.2", "3.3.1"),
        message=r"More than one shadow output named",
    ),
    Clash(
        "Paddle Inference",
        said("an empty slice, as x[:, :0], fails under oneDNN with std::exception"),
        said("config.disable_mkldnn()"),
        ("3.2.2", "3.3.1"),
        message=r"std::exception",
        ops=r"slice$",
    ),
    Clash(
        "Paddle Inference",
        said("interpolate gives other values or another layout under oneDNN, without a word"),
        said("config.disable_mkldnn()"),
        ("3.2.2",),
        paddle=Versions("3.2", "3.3"),
        message=r"differs in|has the shape",
        ops=r"_interp$",
        versions_tell=True,
    ),
    Clash(
        "Paddle Inference",
        said(
            "adaptive pooling is wrong under oneDNN at the second size that a predictor runs at, where the first was a multiple of the output's"
        ),
        said("config.disable_mkldnn()"),
        ("3.2.2", "3.3.1"),
        message=r"differs in",
        ops=r"pool[23]d",
        versions_tell=True,
    ),
    Clash(
        "Paddle Inference",
        said(
            "config.enable_memory_optim() cannot load a model of .json: Not find predictor_id 0 and pass_name memory_optimize_pass"
        ),
        said("leave it out, or call config.enable_new_ir(True) and config.enable_new_executor(True) as well"),
        ("3.3.1",),
        message=r"memory_optimize_pass",
    ),
)
"""Each is a row of docs/reference/known-clashes.md."""


def of_failure(where: Container[Where], message: str, op: str) -> Clash | None:
    """What is known of a failure in an engine.

    Args:
        where: What may have failed: an engine, and what wrote the file that it loads.
        message: What it said.
        op: The op that is to blame; empty where that is not known.
    """
    for clash in KNOWN:
        if clash.where in where and clash.message and re.search(clash.message, message) and re.search(clash.ops, op):
            return clash
    return None


def in_place_of(op: str) -> Said | None:
    """What to do about an op that Paddle2ONNX has no mapper for; None where that is not known.

    Args:
        op: Its name, such as `pd_op.logit`.
    """
    name = op.rpartition(".")[2].rstrip("_")
    if name in _NO_MAPPER:
        return said("write {}", _NO_MAPPER[name])
    return next((do for ops, do in _NOTHING_TO_WRITE.items() if name in ops), None)
