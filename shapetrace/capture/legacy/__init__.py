"""Programs of Paddle 2.6, which Paddle 3 builds too where it is told to."""
