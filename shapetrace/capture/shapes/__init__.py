"""The symbolic shapes of a recorded program: by Paddle's own pass, or fitted to shapes inferred at several sizes."""
