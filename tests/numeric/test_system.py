"""Systems: values, Jacobians, and how their derivation grows."""

from __future__ import annotations

import numpy as np

from calcopt.expression import parse
from calcopt.numeric.system import function_system


def test_a_large_sparse_system_is_derived_row_by_row() -> None:
    n = 1000
    texts = [f"(3-2*x{i})*x{i} - x{i - 1} - 2*x{i + 1} + 1" for i in range(1, n + 1)]
    texts[0], texts[-1] = "(3-2*x1)*x1 - 2*x2 + 1", f"(3-2*x{n})*x{n} - x{n - 1} + 1"
    found = function_system([parse(text).body for text in texts]).evaluate(np.full(n, -1.0), 1)
    expected = np.diag(np.full(n, 7.0)) - np.eye(n, k=-1) - 2 * np.eye(n, k=1)
    assert np.array_equal(found.jacobian, expected)
    assert found.residual[1] == -1.0


def test_systems() -> None:
    system = function_system([parse("x^2 + y^2 - 4").body, parse("x*y - 1").body], ["x", "y"])
    found = system.evaluate(np.array([2.0, 0.5]), 1)
    assert np.array_equal(found.residual, [0.25, 0.0])
    assert found.jacobian is not None
    assert np.array_equal(found.jacobian, [[4.0, 1.0], [0.5, 2.0]])
    assert (system.counts.value, system.counts.gradient) == (1, 1)
    assert system.label == "x^2 + y^2 - 4; x*y - 1"
    assert system.evaluate(np.array([2.0, 0.5]), 0).jacobian is None
    assert np.isnan(function_system([parse("log(x)").body]).evaluate(np.array([-1.0]), 1).residual[0])
