"""Where a formula has no derivative: its switching points, and what one-sided expansions say about each."""
