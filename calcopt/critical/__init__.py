"""Critical points: found exactly or numerically, verified, and classified."""
