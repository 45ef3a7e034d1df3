"""The provenance of every tensor as a graph: where each number came from, and where it went.

`build` makes one `networkx.DiGraph` of a whole trace. Edges point the way the numbers went. All attributes are plain
strings, integers and booleans, so that GraphML and JSON can hold them; an attribute that does not apply is absent.

Every node has `kind` and `label`; those that stand for a place in the user's code also `file`, `line`, `code` and
`function`.

| kind | node | further attributes |
| --- | --- | --- |
| `input-axis` | `c0/image[0]` | `conversion`, `input`, `axis`, `symbolic` |
| `tensor` | `c0/t17` | `conversion`, `index` (into `values`), `op`, `dtype`, `shape`, `symbolic`, `layer` |
| `op` | `c0/o12`, `u3/op` | `conversion`, `index` (into `ops`), `layer`, `failed` (Paddle refused it) |
| `dim` | `d0` | a dim read as an int: `value`, `operation`, `name`, `symbolic`, `internal` (by Paddle's own code) |
| `expression` | `d1` | an int computed from dims: the same, and `arithmetic` (`-1 * 8 = -8`) |
| `argument` | `u0` | a use of a dim: `use` (`op`, `compare`, `range`, ...), `value`, `symbolic` |
| `part` | `s0` | only in `finding_slice`: a tensor, shape or dtype that a finding is about: `value`, `symbolic` |
| `finding` | `f0` | `rule`, `severity`, `symbolic`, `count` |
| `layer` | `c0/Decoder/` | only after `collapse`: `conversion`, `layer`, `ops`, `tensors` |

| kind of edge | from, to | further attributes |
| --- | --- | --- |
| `axis` | input-axis, tensor | `axis`, `symbolic` |
| `operand` | tensor, op | `positions` (`0,1` where a tensor is given twice) |
| `result` | op, tensor | `positions` |
| `block-argument` | op with blocks, tensor inside | `positions` |
| `yield` | `cf.yield`, the op whose block it ends | `positions` (which block) |
| `read` | tensor, dim | `axis`, `symbolic` |
| `computes` | dim or expression, expression | `positions`, `symbolic` |
| `used` | dim or expression, argument | `symbolic` |
| `argument` | argument, op | `symbolic` |
| `violates` | argument or op, finding | `symbolic` |
| `flow` | layer, layer | only after `collapse`: `count`, `symbolic` |

In `finding_slice`, `operand` and `result` have `axis` and `symbolic` of the dim that was followed, and all edges on its
way have `guilty`. Where several dims were followed along one edge, `axes` names all (`2,3`) and `symbolic` lists them.
"""

from shapetrace.graph.asked import dims
from shapetrace.graph.build import Builder, build
from shapetrace.graph.collapse import collapse, layer_at
from shapetrace.graph.export import graphml, node_link
from shapetrace.graph.slices import backward, finding_slice, forward
from shapetrace.graph.why import WhyStep, find, why

__all__ = [
    "Builder",
    "WhyStep",
    "backward",
    "build",
    "collapse",
    "dims",
    "find",
    "finding_slice",
    "forward",
    "graphml",
    "layer_at",
    "node_link",
    "why",
]
