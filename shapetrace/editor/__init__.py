"""A language server over saved traces: shapes at line ends, the way of a dim on hover, findings, and fixes.

What is answered is worked out from a trace alone (`answers.py`), for a text that may have changed since (`standing.py`); `server.py` speaks the protocol.
"""
