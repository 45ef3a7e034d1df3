"""Stands in for PaddleDetection in tests: the names that the remedy `rtdetrv2` looks for, and their bug, nothing else.

Written from the definition of deformable attention. Modules, functions, layers, parameters and buffers are called as in
PaddleDetection, are imported in its order, and do when they are built what may go wrong in its own: tests compare them
with a checkout where there is one.
"""

from . import modeling as modeling
