"""Records answer for themselves: goals reached, and what a notebook shows."""

from __future__ import annotations

import calcopt


def test_a_result_shows_its_claims_escaped() -> None:
    result = calcopt.newton("x^4 + y^2", {"x": 1, "y": 1})
    assert isinstance(result, calcopt.Result)
    page = result._repr_html_()
    assert page.startswith("<table>")
    assert result.message in page.replace("&lt;", "<").replace("&gt;", ">")
    assert "<th>x</th><th>y</th><th>f</th>" in page


def test_several_runs_show_a_row_each() -> None:
    runs = calcopt.gradient_descent("x^4 - 3x^2 + x", [{"x": -1}, {"x": 2}], rate=0.02)
    assert isinstance(runs, calcopt.Runs)
    assert runs._repr_html_().count("<tr><td>") == 2


def test_derivatives_show_as_latex() -> None:
    assert calcopt.differentiate("x^3")._repr_latex_() == (
        r"$\begin{aligned}\frac{d}{d x} \left(x^{3}\right) &= 3 \, x^{2}\end{aligned}$"
    )
    both = calcopt.differentiate("x*y")._repr_latex_()
    assert r"\frac{\partial}{\partial x}" in both
    assert r" \\ " in both


def test_critical_points_show_a_row_each() -> None:
    page = calcopt.classify_critical("x^4 - x^2")._repr_html_()
    assert page.count("<tr><td>") == 3
    assert "local maximum" in page


def test_learned_models_show_their_numbers() -> None:
    table = {"x": [1.0, 2.0, 3.0, 4.0], "y": [2.1, 3.9, 6.2, 7.8]}
    assert "R² = " in calcopt.fit_line(table)._repr_html_()
    assert "RSS = " in calcopt.fit("y ~ a*exp(b*x)", table, "a=1,b=0.5")._repr_html_()
    page = calcopt.train_perceptron(table, target="y", method="newton")._repr_html_()
    assert "regression of y; converged" in page
