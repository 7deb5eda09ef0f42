"""The sample problems as the course tests use them: asked through the Python API, or as the files tell the user to."""

from __future__ import annotations

import random
import re
import shlex
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import calcopt
from calcopt.expression import constant_value, parse
from calcopt.expression.tree import Number, substitute
from calcopt.problem.names import sizes_of

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = ROOT / "sample_problems"
_HEADER = re.compile(r"# Course (\w+)\. Run: calcopt (.+)\n# Expected: (.+(?:\n#   .+)*)\n")


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample problem's header: the row of the course, the words after ``calcopt``, the expected answer."""

    path: Path
    row: str
    words: tuple[str, ...]
    expected: str


@cache
def samples() -> tuple[Sample, ...]:
    """All sample problems, in the order of the course."""
    found = []
    for path in SAMPLES.glob("*.yaml"):
        header = _HEADER.search(path.read_text(encoding="utf-8"))
        assert header is not None, f"{path.name} has no header that says its row, command and answer"
        expected = " ".join(line.removeprefix("#").strip() for line in header[3].split("\n"))
        found.append(Sample(path, header[1], tuple(shlex.split(header[2])), expected))
    return tuple(sorted(found, key=lambda sample: (sample.row[0], int(sample.row[1:]), sample.path.name)))


_KEYS = {
    "diff": ("var", "order", "at", "let"),
    "classify-critical": ("var", "box", "at", "let"),
    "gd": ("rate", "method", "maximize", "tolerance", "max_iterations", "time_limit", "let", "box"),
    "newton": ("method", "root", "maximize", "tolerance", "max_iterations", "time_limit", "let", "box"),
    "fit-line": ("x", "y", "method", "rate", "weights", "delimiter", "missing", "tolerance", "max_iterations"),
    "train-perceptron": (
        *("target", "features", "text", "task", "activation", "method", "rate", "epochs", "batch", "l2", "scale"),
        *("validation", "seed", "tolerance", "delimiter", "missing"),
    ),
}


@cache
def answer(name: str) -> Any:
    """The record that the file's own command gives, through ``import calcopt``."""
    problem = calcopt.load_problem(SAMPLES / f"{name}.yaml")
    assert problem.command is not None
    given = {key: value for key in _KEYS[problem.command] if (value := getattr(problem, key)) is not None}
    if problem.command == "fit-line":
        return calcopt.fit_line(problem.data, **given)
    if problem.command == "train-perceptron":
        return calcopt.train_perceptron(problem.data, hidden=sizes_of(problem.hidden), **given)
    if problem.command == "diff":
        return calcopt.differentiate(problem.function, **given)
    if problem.command == "classify-critical":
        return calcopt.classify_critical(problem.function, **given)
    solver = calcopt.gradient_descent if problem.command == "gd" else calcopt.newton
    return solver(problem.function, problem.start, **given)


def value(formula: str, **at: Fraction | float | int) -> float:
    """The value of a printed formula, read back by our own parser and evaluated by ``math`` alone."""
    return constant_value(substitute(parse(formula).body, {name: Number(Fraction(v)) for name, v in at.items()}))


def same_formula(printed: str, expected: str) -> bool:
    """Whether two formulas agree to 1e-12 at random points (all names between 0.3 and 2)."""
    names = sorted({*parse(printed).variables, *parse(expected).variables})
    source = random.Random(f"{printed}|{expected}")
    for _ in range(8):
        at = {name: Fraction(source.randint(300, 2000), 1000) for name in names}
        found, wanted = value(printed, **at), value(expected, **at)
        if not abs(found - wanted) <= 1e-12 * max(1.0, abs(wanted)):
            return False
    return True
