"""What a command costs before and beyond its work, as ratios of whole processes.

    python benchmarks/startup.py

Each command against the least that a Python program with the same libraries must pay.
"""

from __future__ import annotations

import os
import sys
import tempfile

from peers import command, compare

NEWTON = ["newton", "x^4 + 0.8y^4 + 4x^2 + 2y^2 - x y - 0.2x^2 y", "--start", "4,4", "--json"]
SYMPY = "import sympy; x = sympy.Symbol('x'); print(sympy.diff(x * sympy.exp(x), x))"
ROUNDS = 21  # starts of a process scatter: threads of BLAS, the disk's cache


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:  # both sides with byte code, as after an installation
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        measure()


def measure() -> None:
    """The four ratios."""
    ours = [sys.executable, "-m", "calcopt"]
    typer = command([sys.executable, "-c", "import typer"])
    compare("calcopt --help / import typer", command([*ours, "--help"]), typer, goal=1.5, rounds=ROUNDS)
    compare("calcopt --version / import typer", command([*ours, "--version"]), typer, goal=1.5, rounds=ROUNDS)
    numpy = command([sys.executable, "-c", "import numpy, typer"])
    compare("calcopt newton … --json / import numpy, typer", command([*ours, *NEWTON]), numpy, goal=1.5, rounds=ROUNDS)
    sympy = command([sys.executable, "-c", SYMPY])
    derivative = command([*ours, "diff", "x*exp(x)", "--json"])
    compare("calcopt diff 'x*exp(x)' --json / bare SymPy", derivative, sympy, goal=1.2, rounds=ROUNDS)


if __name__ == "__main__":
    main()
