"""What is left of `Broadcast(…)` once it is known at which sizes the program runs at all."""

from __future__ import annotations

from collections.abc import Mapping

from shapetrace.sizes.demands import Demand
from shapetrace.symbolic import eventual, form
from shapetrace.symbolic.eventual import SizeSet
from shapetrace.symbolic.form import Node
from shapetrace.symbolic.squares import SetOfSizes, Squares


def simplified(demand: Demand, sets: Mapping[str, SetOfSizes]) -> Demand:
    """A demand without the operands of broadcasts that are, at every size of the set, what another one is.

    Args:
        demand: The demand.
        sets: For each symbol the sizes that it is known to have.
    """
    if "Broadcast" not in demand.left + demand.right:
        return demand
    return demand.replaced(lambda dim: form.unparse(_node(form.parse(dim), sets)))


def _node(node: Node, sets: Mapping[str, SetOfSizes]) -> Node:
    if not isinstance(node, tuple):
        return node
    operands = [_node(operand, sets) for operand in node[1:]]
    if node[0] != "Broadcast":
        return (node[0], *operands)
    plain = {operand for operand in operands if isinstance(operand, str)}
    left = [operand for operand in dict.fromkeys(operands) if operand in plain or not _is_one_of(operand, plain, sets)]
    return left[0] if len(left) == 1 else ("Broadcast", *left)


def _is_one_of(operand: Node, plain: set[str], sets: Mapping[str, SetOfSizes]) -> bool:
    """Whether an operand is a symbol, wherever that has a size of its set."""
    keys = form.symbols_of(operand)
    if len(keys) != 1 or not keys <= plain & sets.keys():
        return False
    (key,) = keys
    try:
        function = eventual.of(form.unparse(operand), key, {})
        same = eventual.zeros(eventual.difference(function, eventual.SIZE))
        sizes = sets[key]
        return _within(sizes.sizes if isinstance(sizes, Squares) else sizes, same)
    except eventual.UndecidableError:
        return False


def _within(part: SizeSet, whole: SizeSet) -> bool:
    both = part & whole
    return all((size in both) == (size in part) for size in range(1, len(both.members) + 1))
