"""Programs of Paddle 3.x."""
