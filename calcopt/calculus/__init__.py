"""Derivatives, twice: on the DAG for numbers, through SymPy for what people read."""
