"""All that touches Paddle while a conversion is watched. `backend.py` is the seam between the programs of Paddle 3 and those of 2.6."""
