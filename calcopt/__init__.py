"""calcopt: differentiate, minimize and fit; every iteration shown, every claim checked.

>>> import calcopt
>>> calcopt.differentiate("x*exp(x)").derivatives[0].expression
'(x + 1)*exp(x)'

Everything here is imported when it is first used (PEP 562), so that ``import calcopt`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from calcopt._version import __version__

if TYPE_CHECKING:
    from calcopt.api.critical import classify_critical
    from calcopt.api.fit import fit
    from calcopt.api.formulas import differentiate, parse
    from calcopt.api.line import fit_line
    from calcopt.api.minimize import minimize
    from calcopt.api.models import model, predict
    from calcopt.api.perceptron import train_perceptron
    from calcopt.api.solvers import gradient_descent, newton
    from calcopt.errors import CalcoptError
    from calcopt.expression.tree import Formula
    from calcopt.problem.load import load_problem
    from calcopt.records import (
        AtPoint,
        Continuum,
        CriticalPoint,
        CriticalPoints,
        CurveFit,
        Derivative,
        Derivatives,
        Epoch,
        Iteration,
        Limit,
        LineFit,
        Result,
        Runs,
        SecantTable,
        Step,
        TrainedPerceptron,
        Verdict,
    )

_HOMES = {
    "calcopt.api.critical": ("classify_critical",),
    "calcopt.api.fit": ("fit",),
    "calcopt.api.formulas": ("differentiate", "parse"),
    "calcopt.api.line": ("fit_line",),
    "calcopt.api.minimize": ("minimize",),
    "calcopt.api.models": ("model", "predict"),
    "calcopt.api.perceptron": ("train_perceptron",),
    "calcopt.api.solvers": ("gradient_descent", "newton"),
    "calcopt.errors": ("CalcoptError",),
    "calcopt.expression.tree": ("Formula",),
    "calcopt.problem.load": ("load_problem",),
    "calcopt.records": (
        "AtPoint",
        "Continuum",
        "CriticalPoint",
        "CriticalPoints",
        "CurveFit",
        "Derivative",
        "Derivatives",
        "Epoch",
        "Iteration",
        "Limit",
        "LineFit",
        "Result",
        "Runs",
        "SecantTable",
        "Step",
        "TrainedPerceptron",
        "Verdict",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AtPoint",
    "CalcoptError",
    "Continuum",
    "CriticalPoint",
    "CriticalPoints",
    "CurveFit",
    "Derivative",
    "Derivatives",
    "Epoch",
    "Formula",
    "Iteration",
    "Limit",
    "LineFit",
    "Result",
    "Runs",
    "SecantTable",
    "Step",
    "TrainedPerceptron",
    "Verdict",
    "__version__",
    "classify_critical",
    "differentiate",
    "fit",
    "fit_line",
    "gradient_descent",
    "load_problem",
    "minimize",
    "model",
    "newton",
    "parse",
    "predict",
    "train_perceptron",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'calcopt' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
