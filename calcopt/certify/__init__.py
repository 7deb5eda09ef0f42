"""Proof by interval arithmetic. The floor is empty: nothing in calcopt says ``certified`` before it is built."""
