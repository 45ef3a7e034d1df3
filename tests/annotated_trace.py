"""A trace written by hand that has source: a function no conversion came by, one that was run as it stands, and a finding."""

from __future__ import annotations

from example_traces import Program
from shapetrace import Trace
from shapetrace.trace import DimRecord, Finding, Sink, Site

FILE = "/home/ann/net.py"
SOURCE = """\
class Net:
    def unused(self):
        return 1

    def forward(self, image):
        n = image.shape[0]
        y = self.stem(image)
        return a_function_with_a_very_long_name_indeed(y, and_arguments_that_take, the_rest_of_the_line)
"""


def trace() -> Trace:
    made = Trace()
    program = Program(made, "Net.forward")
    program.file, program.layer = FILE, "/Net/"
    image = program.input("image", "S0; 3; S1; S2")
    site = program.site(Site(FILE, 6, 12, 6, 26, "image.shape[0]", "forward"))
    made.dims.append(DimRecord(-1, "read", (), 0, image, 0, site, name="n"))
    program.line = 7
    y = program.op("pd_op.conv2d", (image,), "S0; 8; Div(S1, 2); Div(S2, 2)")
    program.line = 8
    program.conversion.outputs = (program.op("pd_op.relu", (y,), "S0; 8; Div(S1, 2); Div(S2, 2)"),)
    sink = Sink(FILE, 8, 15, 8, 30, "...", "forward", op="relu")
    made.findings.append(Finding("ST101", "error", "relu got -1", sink=sink))
    made.files[FILE] = SOURCE
    return made
