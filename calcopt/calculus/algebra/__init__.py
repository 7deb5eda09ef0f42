"""Formulas that people read: the tree to SymPy and back, derivatives, simplification, exact solving.

This package is the one place that imports SymPy, and it imports it at once: callers import the package late.
SymPy is a calculator here, not a judge: what it solves is verified, and what it does not say is not believed.
"""

import gc
import os

# with python-flint installed SymPy would compute with flint's numbers, and order and print some results otherwise
os.environ.setdefault("SYMPY_GROUND_TYPES", "python")
_collecting = gc.isenabled()
gc.disable()  # SymPy makes some 10⁵ lasting objects while it loads: looking through them for garbage costs 20 ms
try:
    import sympy  # noqa: F401
finally:
    if _collecting:
        gc.enable()
