"""Small models with one shape bug each, and their healthy twins.

Each module defines:

`RULE`: the rule that must be found in the broken model.
`LOUD`: True where Paddle refuses to convert the broken model; else it exports, and then fails or is wrong.
`CAUSE`: why the code was not rewritten (`Skip.kind`); empty where a leak is not the matter.
`SHAPES`: shapes of the one input `x` (float32) at which the twins are run.
`broken()` and `healthy()`: the layer, and the input spec to convert it with. Open the watch before calling them, since
    a model with a history makes it here.
"""
