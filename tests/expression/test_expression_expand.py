"""Sums are written out, and values of elements reach them."""

from __future__ import annotations

from calcopt.expression import parse
from calcopt.expression.tree import Number


def test_values_of_elements_reach_the_sums_that_run_over_them() -> None:
    constants = {"n": Number(3), "a[1]": Number(2), "a[2]": Number(3), "a[3]": Number(7)}
    formula = parse("sum((x - a[i])^2, i, 1, n)", constants=constants)
    assert formula.variables == ("x",)
    assert str(formula.body) == "(x - 2)^2 + (x - 3)^2 + (x - 7)^2"
