"""What to write instead of the functions of Paddle that take an unknown dim for a number by themselves.

The functions are those of `shapetrace.facts.leaks`. Each alternative was exported with unknown dims and compared with dygraph
(`tests/rules/test_paddle_apis.py`).
"""

from __future__ import annotations

from shapetrace.said import said
from shapetrace.trace import Said

_SLICES = "cut it with slices in your own code, such as x[:, : x.shape[1] // 2], where a size is a tensor"
_BY_HAND = "fix that dim in the input spec, or compute it in your own code, where a size is a tensor"
_MEAN = 'ask for reduction="sum" and divide by x.shape[0] in your own code, where it is a tensor'
_NUMBERS = "fix the sizes in the input spec: this function takes numbers only"

_INSTEAD = {
    "kl_div": _MEAN,
    "rnnt_loss": _MEAN,
    "tensor_split": _SLICES,
    "hsplit": _SLICES,
    "vsplit": _SLICES,
    "dsplit": _SLICES,
    "center_crop": _SLICES,
    "unflatten": "reshape it in your own code, where x.shape holds tensors: x.reshape([x.shape[0], 2, -1, x.shape[2]])",
    "inner": "use paddle.matmul(x, y, transpose_y=True)",
    "tensordot": "use paddle.einsum, or reshape in your own code and call paddle.matmul",
    "take": "use paddle.gather(x.flatten(), index.flatten()).reshape(index.shape), with the index made valid before",
    "trapezoid": "compute it in your own code: ((y[..., 1:] + y[..., :-1]) * dx / 2).sum(-1)",
    "cumulative_trapezoid": "compute it in your own code: ((y[..., 1:] + y[..., :-1]) * dx / 2).cumsum(-1)",
    "cov": "compute it in your own code: c = x - x.mean(1, keepdim=True), and c @ c.T / (x.shape[1] - 1)",
    "corrcoef": "compute it in your own code: c = F.normalize(x - x.mean(1, keepdim=True), axis=1), and c @ c.T",
    "isin": "compare in your own code: (x.unsqueeze(-1) == values.flatten()).any(-1)",
    "nll_loss": "fix the number of classes in the input spec",
    "cross_entropy": "fix the number of classes in the input spec",
    "prelu": "fix the number of channels in the input spec",
    "local_response_norm": "fix the sizes of the image in the input spec",
    "cosine_similarity": "give it operands of one shape: F.cosine_similarity(*paddle.broadcast_tensors([x1, x2]))",
    "fold": _NUMBERS,
    "pca_lowrank": _NUMBERS,
    "svd_lowrank": _NUMBERS,
    "resize": "use F.interpolate(x, size=[...]), which takes an unknown size",
}
_OF_LAYERS = {
    "KLDivLoss": "kl_div",
    "RNNTLoss": "rnnt_loss",
    "Unflatten": "unflatten",
    "NLLLoss": "nll_loss",
    "CrossEntropyLoss": "cross_entropy",
    "PReLU": "prelu",
    "LocalResponseNorm": "local_response_norm",
    "Fold": "fold",
    "CosineSimilarity": "cosine_similarity",
}
"""The layers that call them."""


def instead(api: str) -> Said:
    """What to write instead of a function of Paddle's."""
    function = _OF_LAYERS.get(api, api)
    return said(_INSTEAD.get(function, _BY_HAND))
