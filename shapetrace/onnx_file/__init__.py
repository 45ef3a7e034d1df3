"""An ONNX file that Paddle2ONNX wrote, held against the trace of its export: needs `onnx`, and no Paddle.

`names.py` tells which op of the trace a tensor or node is, `lint.py` what the converter baked in or lost, and `annotate.py` writes
names of dims and the user's lines into the file.
"""
