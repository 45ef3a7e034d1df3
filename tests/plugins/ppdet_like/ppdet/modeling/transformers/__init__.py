"""As `ppdet`: importing any of these imports all of them, in this order."""

from . import utils as utils

from . import deformable_transformer as deformable_transformer  # isort: skip
from . import rtdetr_transformerv2 as rtdetr_transformerv2  # isort: skip
