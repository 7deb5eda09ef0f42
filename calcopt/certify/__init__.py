"""Proof by interval arithmetic. This floor is empty as yet: nothing in calcopt says ``certified`` before it is built."""
