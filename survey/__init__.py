"""The survey that measures what Paddle does, and writes `shapetrace/facts`: how to run it stands in its README.md."""
