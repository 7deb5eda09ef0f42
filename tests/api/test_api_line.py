"""``calcopt.fit_line``: sources of data, descent and Newton, and the documented example."""

from __future__ import annotations

import doctest
import io
import math
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import calcopt.api.line
from calcopt.api.line import fit_line
from calcopt.errors import CalcoptError, UsageError
from calcopt.records import Iteration

POINTS = [[1, 2], [2, 5], [3, 3]]
RNG = np.random.default_rng(5)
HOUSES = {
    "size": RNG.integers(40, 300, 200) * 1.0,
    "year": RNG.integers(1900, 2024, 200) * 1.0,
    "price": RNG.integers(100_000, 900_000, 200) * 1.0,
}


def test_the_documented_example() -> None:
    assert doctest.testmod(calcopt.api.line).failed == 0
    assert doctest.testmod(calcopt.api.line).attempted > 0


def test_every_kind_of_source(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("x,y\n1,2\n2,5\n3,3\n")
    for data in (str(path), path, POINTS, np.array(POINTS), {"x": [1, 2, 3], "y": [2, 5, 3]}):
        assert fit_line(data).parameters == {"x": 0.5, "intercept": 7 / 3}
    piped = fit_line("-", stdin=io.BytesIO(path.read_bytes()))
    assert (piped.parameters, piped.data) == ({"x": 0.5, "intercept": 7 / 3}, "standard input")


def test_features_as_a_list_or_as_the_options_text() -> None:
    for x in ("size, year", ["size", "year"], ("size", "year"), None):
        assert fit_line(HOUSES, x=x, y="price").features == ("size", "year")
    assert fit_line({"a,b": [1, 2, 4], "y": [1, 2, 3]}, x="a,b").features == ("a,b",)


def test_missing_cells_are_counted() -> None:
    fit = fit_line({"x": [1, 2, None, 3], "y": [2, 5, 1, 3]}, missing="skip")
    assert (fit.rows, fit.skipped, fit.parameters["x"]) == (3, 1, 0.5)


def test_course_c4_through_the_cost_of_c5() -> None:
    """C4 descends on E = 2n·L with α = 0.01; on L that is the rate 0.06, and the tolerance 1e-8/6."""
    fit = fit_line(POINTS, method="gd", rate=0.06, tolerance=1e-8 / 6)
    assert (fit.status, fit.trace[-1].iteration, fit.rate) == ("converged", 2592, 0.06)
    assert fit.parameters == pytest.approx({"x": 0.5, "intercept": 7 / 3}, abs=3e-8)
    first, second = fit.trace[:2]
    assert (first.x.tolist(), first.value) == ([0, 0], pytest.approx(38 / 6))
    assert first.gradient == pytest.approx([-42 / 6, -20 / 6])
    assert second.x == pytest.approx(-0.06 * first.gradient)
    assert second.step == "G"


@pytest.mark.parametrize("method", ["gd", "newton"])
@pytest.mark.parametrize("intercept", [True, False])
def test_descent_and_newton_reach_the_exact_line(method: str, intercept: bool) -> None:
    exact = fit_line(HOUSES, intercept=intercept)
    rows: list[Iteration] = []
    fit = fit_line(HOUSES, method=method, intercept=intercept, on_iteration=rows.append)
    assert fit.status == "converged", fit.message
    assert fit.method == method
    assert fit.parameters == pytest.approx(exact.parameters, rel=1e-6)
    assert fit.standard_errors == pytest.approx(exact.standard_errors, rel=1e-9)
    assert fit.cost == pytest.approx(exact.cost, rel=1e-12)
    assert tuple(rows) == fit.trace
    assert rows[0].x == pytest.approx(np.zeros(2 + intercept), abs=1e-6)
    assert list(fit.parameters.values()) == rows[-1].x.tolist()
    if method == "newton":
        assert len(rows) == 2
        assert rows[1].step == "N"
    else:
        assert "chosen from the curvatures" in fit.message


def test_the_trace_is_in_the_units_of_the_data() -> None:
    fit = fit_line(HOUSES, method="gd")
    design = np.column_stack([HOUSES["size"], HOUSES["year"], np.ones(200)])
    for row in fit.trace[1:5]:
        residual = design @ row.x - HOUSES["price"]
        assert row.value == pytest.approx(residual @ residual / 400, rel=1e-9)
        assert row.gradient == pytest.approx(design.T @ residual / 200, rel=1e-6, abs=1e-3)


def test_divergence_is_said_with_the_cure() -> None:
    fit = fit_line(POINTS, method="gd", rate=0.5)
    assert (fit.status, fit.reached_goal) == ("diverged", False)
    assert fit.advice is not None
    assert "try --rate 0.18, or leave --rate out" in fit.advice
    assert fit.standard_errors == {"x": None, "intercept": None}
    assert fit_line(POINTS, method="gd", rate=0.18).status == "converged"


def test_a_crawling_descent_is_said_with_the_cure() -> None:
    fit = fit_line(HOUSES, method="gd", rate=1e-9, max_iterations=50)
    assert fit.status == "max_iterations"
    assert fit.advice is not None
    assert "use no --rate (the data are then scaled), --method exact or newton" in fit.advice


def test_large_targets_converge_too() -> None:
    fit = fit_line({"x": [1.0, 2.0, 4.0, 7.0], "y": [1e15, 3e15, 4e15, 9e15]}, method="gd")
    assert fit.status == "converged"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"method": "newtn"}, "unknown method 'newtn' for a line; did you mean 'newton'?"),
        ({"method": "adam"}, "unknown method 'adam' for a line; use exact, gd or newton"),
        ({"rate": 0.1}, "a rate belongs to --method gd, not to exact"),
        ({"method": "gd", "rate": -1}, "the rate must be a positive number, not -1"),
        ({"method": "gd", "rate": math.nan}, "the rate must be a positive number, not nan"),
        ({"method": "gd", "tolerance": -1}, "the tolerance must be a number from 0 up, not -1"),
    ],
)
def test_bad_options(options: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        fit_line(POINTS, **options)  # type: ignore[arg-type]
    assert caught.value.report().startswith(says)


def test_the_import_costs_nothing() -> None:
    script = "import sys, calcopt.api.line\nprint({'numpy', 'pyarrow', 'scipy'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "set()\n"
    )


def test_exact_fits_do_not_load_what_they_do_not_use(tmp_path: Path) -> None:
    """Of a file: where data are handed over in Python, pyarrow imports pandas by itself if that is installed."""
    place = tmp_path / "t.csv"
    place.write_text("x,y\n1,2\n2,5\n3,3\n", encoding="utf-8")
    script = (
        f"import sys\nfrom calcopt.api.line import fit_line\nfit_line({str(place)!r})\n"
        "print({'sympy', 'scipy.stats', 'scipy.optimize', 'rich', 'pandas'} & set(sys.modules))"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "set()\n"
    )


@pytest.mark.slow
def test_a_million_rows_through_a_live_pipe() -> None:
    rows = 1_000_000
    writer = (
        "import sys\nprint('x,y')\n"
        f"for i in range(0, {rows}, 1000):\n"
        "    sys.stdout.write(''.join(f'{1000000000 + j},{3 * j + j % 2}\\n' for j in range(i, i + 1000)))"
    )
    # VmHWM is the peak since the program began; ru_maxrss would hold the peak of the process that started it
    reader = textwrap.dedent("""
        import resource, sys
        from pathlib import Path
        from calcopt.api.line import fit_line
        fit = fit_line('-', stdin=sys.stdin.buffer)
        status = Path('/proc/self/status')
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if status.exists():
            peak = dict(line.split(':', 1) for line in status.read_text().splitlines())['VmHWM'].split()[0]
        print(fit.rows, repr(fit.slope), peak)
    """)
    with subprocess.Popen([sys.executable, "-c", writer], stdout=subprocess.PIPE) as source:
        result = subprocess.run([sys.executable, "-c", reader], stdin=source.stdout, capture_output=True, text=True)
    assert result.stderr == ""
    read, slope, kilobytes = result.stdout.split()
    assert int(read) == rows
    n = rows  # Σ (j − j̄)(j mod 2) = n/4 and Σ (j − j̄)² = n(n² − 1)/12
    assert float(slope) == pytest.approx(3 + (n / 4) / (n * (n * n - 1) / 12), rel=1e-14)
    assert int(kilobytes) < 400 * 1024


def test_advice_blames_the_curvatures_only_when_they_differ() -> None:
    even = fit_line(POINTS, method="gd", max_iterations=0)
    assert even.advice == "allow more iterations, or use --method exact or newton"
    twins = {"a": [1.0, 2.0, 3.0, 4.0], "b": [1.0, 2.0, 3.1, 4.0], "y": [1.0, 5.0, 2.0, 4.0]}
    assert "which makes descent slow" in (fit_line(twins, method="gd", max_iterations=0).advice or "")


def test_every_refusal_is_a_calcopt_error() -> None:
    for data in ("missing.csv", {"x": ["a"], "y": [1]}, [[1]], {}):
        with pytest.raises(CalcoptError):
            fit_line(data)
