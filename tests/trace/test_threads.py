"""A trace is read in several threads at once. Needs no Paddle."""

from __future__ import annotations

from pathlib import Path

from example_traces import healthy_trace
from subprocess_run import run_python

READS = """
import sys, threading
from shapetrace import load
sys.setswitchinterval(1e-6)
together = threading.Barrier(4)
def read():
    together.wait()
    load(sys.argv[1])
    sys.stdout.write("read\\n")  # at once, while print writes the end of the line by itself
for thread in [threading.Thread(target=read) for _ in range(4)]:
    thread.start()
"""


def test_threads_that_read_the_first_traces_of_a_process(tmp_path: Path) -> None:
    """Else msgspec crashes: it learns a type when it first meets it."""
    healthy_trace(1).save(str(tmp_path / "a.trace"))
    done = run_python(["-c", READS, tmp_path / "a.trace"])
    assert (done.returncode, done.stdout) == (0, "read\n" * 4), done.stderr
