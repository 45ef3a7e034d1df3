"""Stands in for PaddleDetection in tests: the names that the remedy `rtdetrv2` looks for, and their bug, nothing else.

Written from the definition of deformable attention. Modules, functions, layers and parameters are called as in
PaddleDetection, since by these names the remedy finds them.
"""
