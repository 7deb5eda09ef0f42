"""The expression language: text ⇄ an immutable tree. No SymPy, no NumPy, nothing is ever evaluated."""
