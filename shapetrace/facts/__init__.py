"""What Paddle's ops and functions mean: each fact stated once, and read by capture, rules, graph, reports, remedies and verify alike."""
