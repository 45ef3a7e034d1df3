"""Models of one op that an engine, or what converts for it, gets wrong, and models that look as if it did.

    python served_models.py GROUP

verifies those of a group, and prints of each a line of JSON. The line that is to blame ends with the name of its model. The twin of a model does
what is said to write.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import NamedTuple

import paddle
import paddle.nn.functional as F
from paddle import Tensor, nn
from paddle.static import InputSpec

SIZES = ({"batch": 1, "image[2]": 13, "image[3]": 16}, {"batch": 2, "image[2]": 20, "image[3]": 17})
BOXES = [[0.0, 0, 5, 5], [1, 1, 7, 7]]


class Served(NamedTuple):
    """A model, the op that is to blame (empty where none is), a part of what is said, and its twin."""

    forward: Callable[[Tensor], object]
    op: str
    says: str
    twin: Callable[[Tensor], object] | None = None
    paddle: str = ""
    """The version of Paddle that gets it wrong, where others do not."""

    @property
    def name(self) -> str:
        return self.forward.__name__


def norm_of_all(image: Tensor) -> Tensor:
    length = paddle.linalg.norm(image)  # norm_of_all
    wide = F.relu(image)
    return wide / length


def norm_of_all_by_sum(image: Tensor) -> Tensor:
    return F.relu(image) / image.square().sum(axis=[0, 1, 2, 3]).sqrt()


def largest_norm(image: Tensor) -> Tensor:
    return paddle.linalg.norm(image, p=float("inf"), axis=1) + 1.0  # largest_norm


def largest_norm_by_max(image: Tensor) -> Tensor:
    return image.abs().max(axis=1) + 1.0


def norm_that_counts(image: Tensor) -> Tensor:
    return paddle.linalg.norm(F.relu(image), p=0, axis=1)  # norm_that_counts


def norm_that_counts_by_sum(image: Tensor) -> Tensor:
    return (F.relu(image) != 0).astype("float32").sum(axis=1)


def by_way_of_tanh(image: Tensor) -> Tensor:
    return F.gelu(image * 2.0, approximate=True)  # by_way_of_tanh


def by_way_of_tanh_written(image: Tensor) -> Tensor:
    x = image * 2.0
    return 0.5 * x * (1 + paddle.tanh(0.7978846 * (x + 0.044715 * x**3)))


def clipped(image: Tensor) -> Tensor:
    return F.hardtanh(image, -0.3, 0.6)  # clipped


def clipped_by_clip(image: Tensor) -> Tensor:
    return paddle.clip(image, -0.3, 0.6)


def slope(image: Tensor) -> Tensor:
    return F.leaky_relu(image.exp() - 1.0, 0.3)  # slope


def slope_by_two(image: Tensor) -> Tensor:
    x = image.exp() - 1.0
    return F.relu(x) - 0.3 * F.relu(-x)


def groups(image: Tensor) -> Tensor:
    return F.group_norm(image, 2, epsilon=0.5) + 1.0  # groups


def filled(image: Tensor) -> Tensor:
    return F.pad(image.exp(), [1, 0, 2, 1], value=-1.5)  # filled


def windows(image: Tensor) -> Tensor:
    boxes = paddle.to_tensor(BOXES)
    count = paddle.to_tensor([2], "int32")
    return paddle.vision.ops.roi_align(image[:1], boxes, count, 3, 0.5, 2, aligned=False)  # windows


def windows_moved(image: Tensor) -> Tensor:
    boxes = paddle.to_tensor(BOXES) + 0.5 / 0.5
    return paddle.vision.ops.roi_align(image[:1], boxes, paddle.to_tensor([2], "int32"), 3, 0.5, 2)


def largest_and_where(image: Tensor) -> tuple[Tensor, Tensor]:
    largest, where = F.max_pool2d(image, 2, 2, return_mask=True)  # largest_and_where
    return largest, where + 1


def largest(image: Tensor) -> Tensor:
    return F.max_pool2d(image, 2, 2)


def channels_last(image: Tensor) -> Tensor:
    last = image.transpose([0, 2, 3, 1])
    return F.conv2d(last, paddle.ones([3, 4, 1, 1]), data_format="NHWC")  # channels_last


def channels_first(image: Tensor) -> Tensor:
    return F.conv2d(image, paddle.ones([3, 4, 1, 1])).transpose([0, 2, 3, 1])


def halved_until_small(image: Tensor) -> Tensor:
    turns = paddle.zeros([1])
    while image.abs().max(axis=[0, 1, 2, 3]) > 0.1:  # halved_until_small
        image = image * 0.5
        turns = turns + 1.0
    return turns


def halved_until_small_by_one_element(image: Tensor) -> Tensor:
    turns = paddle.zeros([1])
    while image.abs().max(axis=[0, 1, 2, 3]).reshape([1])[0] > 0.1:
        image = image * 0.5
        turns = turns + 1.0
    return turns


def added_in_a_loop(image: Tensor) -> Tensor:
    gate = image.mean(axis=[2, 3], keepdim=True)
    turn = paddle.zeros([1], "int64")
    while turn < 2:  # loop_with_an_expand
        image = image + gate.expand_as(image)  # added_in_a_loop
        turn = turn + 1
    return image


def loop_with_an_expand(image: Tensor) -> Tensor:
    return added_in_a_loop(image)


def rounded_to_zero(image: Tensor) -> Tensor:
    return paddle.trunc(image * 7.0)  # rounded_to_zero


def rounded_to_zero_by_sign(image: Tensor) -> Tensor:
    x = image * 7.0
    return paddle.sign(x) * paddle.floor(paddle.abs(x))


def continuous(image: Tensor) -> Tensor:
    return F.celu(image, 0.7)  # continuous


def continuous_by_relu(image: Tensor) -> Tensor:
    return F.relu(image) - 0.7 * F.relu(1 - paddle.exp(image / 0.7))


def each_once(image: Tensor) -> Tensor:
    return paddle.unique((image * 3).astype("int64"))  # each_once


def each_once_as_floats(image: Tensor) -> Tensor:
    return paddle.unique((image * 3).astype("int64").astype("float32")).astype("int64")


def products_of_rows(image: Tensor) -> Tensor:
    rows = image.mean(axis=[2, 3])
    products = paddle.dot(rows, rows * 2)  # products_of_rows
    return F.relu(products) + 1.0


def products_of_rows_by_sum(image: Tensor) -> Tensor:
    rows = image.mean(axis=[2, 3])
    return F.relu((rows * (rows * 2)).sum(axis=-1)) + 1.0


def diagonal_of_the_height(image: Tensor) -> Tensor:
    ones = paddle.eye(image.shape[2])  # diagonal_of_the_height
    return ones + image.mean(axis=[0, 1, 3])


def diagonal_of_the_height_by_rows(image: Tensor) -> Tensor:
    rows = paddle.arange(image.shape[2])
    return (rows.unsqueeze(1) == rows).astype("float32") + image.mean(axis=[0, 1, 3])


def offsets(image: Tensor) -> Tensor:
    return image.mean(axis=1, keepdim=True).tile([1, 18, 1, 1]) * 0.5


def deformed(image: Tensor) -> Tensor:
    return paddle.vision.ops.deform_conv2d(image, offsets(image), paddle.ones([3, 4, 3, 3]), padding=1)  # deformed


def deformed_by_a_mask(image: Tensor) -> Tensor:
    offset = offsets(image)
    mask = paddle.ones_like(offset[:, :9])
    kernel = paddle.ones([3, 4, 3, 3])
    return paddle.vision.ops.deform_conv2d(image, offset, kernel, padding=1, mask=mask)  # deformed_by_a_mask


def shifted_in_time(image: Tensor) -> Tensor:
    return F.temporal_shift(image, 1, 0.25)  # shifted_in_time


def drawn(image: Tensor) -> Tensor:
    noise = paddle.rand(image.shape)  # drawn
    return image + (noise > 2.0).astype("float32")


def around(image: Tensor) -> Tensor:
    wide = F.pad(image * 2.0, [1, 2, 3, 1], mode="circular")  # around
    return F.conv2d(wide, paddle.ones([2, 4, 3, 3]))


def around_by_parts(image: Tensor) -> Tensor:
    x = image * 2.0
    x = paddle.concat([x[:, :, :, -1:], x, x[:, :, :, :2]], axis=3)
    wide = paddle.concat([x[:, :, -3:], x, x[:, :, :1]], axis=2)
    return F.conv2d(wide, paddle.ones([2, 4, 3, 3]))


def in_one_row(image: Tensor) -> Tensor:
    return paddle.roll(image * 2.0, 3)  # in_one_row


def in_one_row_by_parts(image: Tensor) -> Tensor:
    x = image * 2.0
    row = x.flatten()
    return paddle.concat([row[-3:], row[:-3]]).reshape(x.shape)


def by_ellipsis(image: Tensor) -> Tensor:
    return paddle.einsum("...hw,...kw->...hk", image, image)  # by_ellipsis


def by_letters(image: Tensor) -> Tensor:
    return paddle.einsum("bchw,bckw->bchk", image, image)


def smooth_largest(image: Tensor) -> Tensor:
    return paddle.logsumexp(image, axis=[2, 3]) + 1.0  # smooth_largest


def smooth_largest_by_sum(image: Tensor) -> Tensor:
    return paddle.log(paddle.exp(image).sum(axis=[2, 3])) + 1.0


def all_ones_left_out(image: Tensor) -> Tensor:
    return image.mean(axis=3, keepdim=True).squeeze()  # all_ones_left_out


def last_left_out(image: Tensor) -> Tensor:
    return image.mean(axis=3, keepdim=True).squeeze(3)


def up_to_a_multiple(image: Tensor) -> Tensor:
    height = image.shape[2]
    missing = (8 - height % 8) % 8
    rows = paddle.zeros([image.shape[0], 4, missing, image.shape[3]])  # up_to_a_multiple
    return paddle.concat([image, rows], axis=2)


def up_to_a_multiple_by_a_quotient(image: Tensor) -> Tensor:
    height = image.shape[2]
    missing = (height + 7) // 8 * 8 - height
    rows = paddle.zeros([image.shape[0], 4, missing, image.shape[3]])
    return paddle.concat([image, rows], axis=2)


def selected(image: Tensor) -> Tensor:
    return paddle.masked_select(image, image > 0.5) + 1.0  # selected


def selected_by_places(image: Tensor) -> Tensor:
    return paddle.gather_nd(image, paddle.nonzero(image > 0.5)) + 1.0


def masked_by_parts(image: Tensor) -> Tensor:
    mask = paddle.zeros([1, 4, 6, 6])
    mask[:, :, 2:4, 1:3] = 1.0  # masked_by_parts
    wide = F.adaptive_avg_pool2d(image, 1)
    return wide + mask


def masked_by_where(image: Tensor) -> Tensor:
    place = paddle.arange(6)
    rows, columns = (place >= 2) & (place < 4), (place >= 1) & (place < 3)
    mask = paddle.where(rows.unsqueeze(1) & columns, 1.0, 0.0)
    wide = F.adaptive_avg_pool2d(image, 1)
    return wide + mask


def nothing_of_it(image: Tensor) -> tuple[Tensor, Tensor]:
    return image[:, :, :0], F.relu(image)  # nothing_of_it


def as_it_came(image: Tensor) -> tuple[Tensor, Tensor]:
    return image, F.relu(image)


def as_a_copy(image: Tensor) -> tuple[Tensor, Tensor]:
    return paddle.assign(image), F.relu(image)


def reflected(image: Tensor) -> Tensor:
    return F.pad(image, [1, 2, 3, 1], mode="reflect")


def repeated_edge(image: Tensor) -> Tensor:
    return F.pad(image, [1, 2, 3, 1], mode="replicate")


def truths_and_ints(image: Tensor) -> tuple[Tensor, Tensor]:
    return image > 0.5, (image * 10.0).astype("int64") // 3


def beside_a_constant(image: Tensor) -> tuple[Tensor, Tensor]:
    return F.relu(image), paddle.arange(4).astype("float32") * 2.0


def empty_beside_another(image: Tensor) -> tuple[Tensor, Tensor]:
    return image[:, :, :0], F.relu(image)


def not_numbers(image: Tensor) -> Tensor:
    return paddle.log(image - 0.5)


def masked_by_infinity(image: Tensor) -> tuple[Tensor, Tensor]:
    rows = image.flatten(2)
    scores = paddle.matmul(rows, rows, transpose_y=True) + paddle.triu(paddle.full([4, 4], float("-inf")), 1)
    return F.softmax(scores, axis=-1), scores


def tiny_beside_huge(image: Tensor) -> tuple[Tensor, Tensor]:
    mean = image.mean(axis=[2, 3])
    return mean * 1e-12, paddle.exp(mean) * 1e20


def as_many_as_the_data_say(image: Tensor) -> Tensor:
    return paddle.nonzero(image.mean(axis=1) > 0.2)


def of_one_number(image: Tensor) -> tuple[Tensor, Tensor]:
    return (image > 0).all(), image.max()


def written_into(image: Tensor) -> Tensor:
    image = image * 1.0
    image[:, :, image.shape[2] // 2 :] = -1.0
    return image


WRONG = {
    "onnxruntime": (
        Served(norm_of_all, "pd_op.p_norm", "sum(axis=[0, 1, 2, 3]).sqrt()", norm_of_all_by_sum),
        Served(largest_norm, "pd_op.p_norm", "of order inf: write x.abs().max(axis=...)", largest_norm_by_max),
        Served(norm_that_counts, "pd_op.p_norm", "write (x != 0)", norm_that_counts_by_sum),
        Served(by_way_of_tanh, "pd_op.gelu", "has approximate=True: write 0.5 * x", by_way_of_tanh_written),
        Served(clipped, "pd_op.hardtanh", "Clip has min -1; the model has t_min -0.3", clipped_by_clip),
        Served(slope, "pd_op.leaky_relu", "the model has negative_slope 0.3", slope_by_two, "3.3"),
        Served(groups, "pd_op.group_norm", "the model has epsilon 0.5", paddle="3.3"),
        Served(filled, "pd_op.pad3d", "the model fills with -1.5", paddle="3.3"),
        Served(windows, "pd_op.roi_align", "the model's is not: write aligned=True", windows_moved),
        Served(largest_and_where, "pd_op.max_pool2d_with_index", "the indices of max_pool2d", largest),
        Served(channels_last, "pd_op.conv2d", "data_format='NHWC' cannot be converted", channels_first),
        Served(halved_until_small, "pd_op.while", "reshape([1])[0]", halved_until_small_by_one_element),
        Served(added_in_a_loop, "pd_op.expand_as", "Expand to the literal [-1, 4, -1, -1]"),
        Served(rounded_to_zero, "pd_op.trunc", "write paddle.sign(x)", rounded_to_zero_by_sign),
        Served(continuous, "pd_op.celu", "write F.relu(x) - alpha", continuous_by_relu),
        Served(each_once, "pd_op.unique", "paddle.unique(x.astype('float32'))", each_once_as_floats),
        Served(products_of_rows, "pd_op.dot", "(x * y).sum(axis=-1)", products_of_rows_by_sum),
        Served(diagonal_of_the_height, "pd_op.eye", "rows = paddle.arange(n)", diagonal_of_the_height_by_rows),
        Served(deformed, "pd_op.deformable_conv", "mask=paddle.ones_like", deformed_by_a_mask),
        Served(shifted_in_time, "pd_op.temporal_shift", "fix height and width in the spec"),
        Served(in_one_row, "pd_op.roll", "with f = x.flatten()", in_one_row_by_parts),
        Served(drawn, "pd_op.uniform", "RandomUniform of the literal shape []"),
    ),
    "openvino": (
        Served(up_to_a_multiple, "pd_op.stack", "(h + 7) // 8 * 8 - h", up_to_a_multiple_by_a_quotient),
        Served(loop_with_an_expand, "pd_op.while", "it reads no loop"),
        Served(masked_by_parts, "pd_op.set_value_", "write paddle.where(inside, value, x)", masked_by_where),
        Served(by_ellipsis, "pd_op.einsum", "write the letters out", by_letters),
        Served(smooth_largest, "pd_op.logsumexp", "paddle.log(paddle.exp(x)", smooth_largest_by_sum),
        Served(all_ones_left_out, "pd_op.squeeze", "name the axis: x.squeeze(3)", last_left_out),
        Served(around, "pd_op.pad3d", "paddle.concat([x[:, :, :, -1:], x,", around_by_parts),
        Served(deformed_by_a_mask, "pd_op.deformable_conv", "serve it in ONNX Runtime"),
        Served(selected, "pd_op.masked_select", "paddle.gather_nd(x, paddle.nonzero(mask))", selected_by_places),
    ),
    "inference": (
        Served(channels_last, "pd_op.conv2d", "run as one with NCHW", channels_first, "3.3"),
        Served(nothing_of_it, "pd_op.slice", "an empty slice"),
        Served(as_it_came, "", "an input that is returned as it is", as_a_copy),
    ),
}
"""By the engine that gets them wrong."""
RIGHT = (
    *(reflected, repeated_edge, truths_and_ints, beside_a_constant, empty_beside_another, not_numbers),
    *(masked_by_infinity, tiny_beside_huge, as_many_as_the_data_say, of_one_number, written_into),
)
"""What ONNX Runtime gets right, and of which nothing may be told."""


class Net(nn.Layer):
    def __init__(self, forward: Callable[[Tensor], object]) -> None:
        super().__init__()
        self.way = forward

    def forward(self, image: Tensor) -> object:
        return self.way(image)


def served(engine: str) -> list[Served]:
    """The models that an engine gets wrong on this Paddle."""
    return [each for each in WRONG[engine] if paddle.__version__.startswith(each.paddle)]


def main(group: str) -> None:
    import shapetrace
    from shapetrace.verify.document import document

    wrong = served(group) if group in WRONG else []
    for forward in [*(each.forward for each in wrong), *(each.twin for each in wrong if each.twin)] or RIGHT:
        spec = [InputSpec([-1, 4, -1, -1], "float32", name="image")]
        engine = group if group in WRONG else "onnxruntime"
        result = document(shapetrace.verify(Net(forward), spec, SIZES, engines=[engine]))
        print(json.dumps({"name": forward.__name__, "engines": result["engines"]}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
