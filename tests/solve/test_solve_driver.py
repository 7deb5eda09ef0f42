"""The driver: what ends a run, what a run that ended badly says, and that nothing infinite is ever accepted."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from solve_objectives import (
    Handmade,
    Vector,
    exp_log,
    function_of_one,
    regression,
    rosenbrock,
    sauna,
    start,
)

from calcopt.errors import MathError, UsageError
from calcopt.records import Iteration
from calcopt.solve import Stopping, solve
from calcopt.solve.driver import Run
from calcopt.solve.gd_backtracking import Backtracking
from calcopt.solve.gd_barzilai_borwein import BarzilaiBorwein
from calcopt.solve.gd_fixed import Fixed
from calcopt.solve.gd_momentum import Momentum
from calcopt.solve.newton_pure import PureNewton
from calcopt.solve.newton_safeguarded import SafeguardedNewton
from calcopt.solve.tasks import Minimize
from calcopt.solve.vectors import compare, norm


class Impatient(Handmade):
    """Rosenbrock's function, with a user who presses Ctrl-C at the given evaluation."""

    def __init__(self, at: int) -> None:
        made = rosenbrock()
        super().__init__("xy", made._f, made._g, made._h)
        self.left = at

    def evaluate(self, x: Vector, order: int) -> object:  # type: ignore[override]
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return super().evaluate(x, order)


def test_events_come_one_by_one() -> None:
    run = Run(Minimize(regression()), Fixed(rate=0.01), Stopping(max_iterations=3))
    events = run.events(start(0, 0))
    assert next(events).iteration == 0
    assert run.halt is None
    assert [row.iteration for row in events] == [1, 2, 3]
    assert run.halt is not None
    assert run.halt.status == "max_iterations"


@pytest.mark.parametrize("method", [Fixed(rate=1e-3), Momentum(rate=1e-4), SafeguardedNewton()])
def test_ctrl_c_gives_what_was_reached(method: Fixed | Momentum | SafeguardedNewton) -> None:
    result = solve(Impatient(12), start(-1.2, 1), method)
    assert result.status == "interrupted"
    assert result.message.startswith("interrupted after ")
    assert result.value == min(row.value for row in result.trace)
    assert not result.reached_goal


def test_ctrl_c_in_a_callback_and_before_the_first_point() -> None:
    def stop_at_two(row: Iteration) -> None:
        if row.iteration == 2:
            raise KeyboardInterrupt

    result = solve(regression(), start(0, 0), Fixed(), on_iteration=stop_at_two)
    assert (result.status, result.iterations) == ("interrupted", 2)
    with pytest.raises(KeyboardInterrupt):
        solve(Impatient(1), start(0, 0), Fixed())


def test_ctrl_c_twice_still_gives_the_point() -> None:
    class Insistent(Impatient):
        def evaluate(self, x: Vector, order: int) -> object:  # type: ignore[override]
            self.left -= 1
            if self.left <= 0:
                raise KeyboardInterrupt
            return Handmade.evaluate(self, x, order)

    result = solve(Insistent(5), start(-1.2, 1), Fixed(rate=1e-3))  # type: ignore[arg-type]
    assert result.status == "interrupted"
    assert result.verdict.classification is None


def test_the_time_limit_is_kept() -> None:
    result = solve(rosenbrock(), start(-1.2, 1), Fixed(rate=1e-9), stop=Stopping(1e-8, 10**9, 0.02))
    assert result.status == "time_limit"
    assert "s ≥ 0.02 s (time limit): ‖∇f‖ = " in result.message


def test_zero_iterations_report_the_start() -> None:
    result = solve(regression(), start(1, 1), Fixed(), stop=Stopping(max_iterations=0))
    assert (result.status, result.iterations) == ("max_iterations", 0)
    assert result.verdict.classification == "not critical"


def test_the_best_point_is_given_when_the_last_is_worse() -> None:
    result = solve(regression(), start(0, 0), Fixed(rate=0.1))
    assert result.status == "diverged"
    assert result.value == 38.0
    assert "the point given is iteration 0" in result.message


@pytest.mark.parametrize(
    ("f", "x0", "match"),
    [
        (exp_log(), (-1.0,), "not defined at the start x = -1: its value is nan"),
        (exp_log(), (1000.0,), "not finite at the start x = 1000: its value is inf"),
        (function_of_one(np.sqrt, lambda x: 0.5 / np.sqrt(x), lambda x: 1.0), (0.0,), "no finite derivative"),
        (
            function_of_one(lambda x: x**1.5, lambda x: 1.5 * x**0.5, lambda x: 0.75 * x**-0.5),
            (0.0,),
            "no finite second",
        ),
    ],
)
def test_a_start_that_makes_no_sense_is_refused(f: Handmade, x0: tuple[float], match: str) -> None:
    rows: list[Iteration] = []
    with pytest.raises(MathError, match=match) as error:
        solve(f, start(*x0), SafeguardedNewton(), on_iteration=rows.append)
    assert error.value.hint
    assert rows == []


def test_a_fixed_step_out_of_the_domain_is_called_so() -> None:
    result = solve(exp_log(), start(0.05), Fixed(rate=0.5))
    assert result.status == "left_domain"
    assert "step 2 would leave the domain of f: f = nan at x = -6835.04" in result.message
    assert result.advice is not None
    assert result.advice.startswith("try --rate 0.0044")
    assert np.isfinite(result.x).all()


@pytest.mark.parametrize("method", [Backtracking(rate=10.0), BarzilaiBorwein(rate=10.0), SafeguardedNewton()])
def test_searches_never_leave_the_domain(method: Backtracking | BarzilaiBorwein | SafeguardedNewton) -> None:
    f = function_of_one(lambda x: x - np.log(x), lambda x: 1 - 1 / x, lambda x: 1 / x**2)
    result = solve(f, start(5), method)
    assert result.status == "converged"
    assert result.x[0] == pytest.approx(1, abs=1e-7)
    assert all(row.x[0] > 0 for row in result.trace)
    assert any(row.step == "D" for row in result.trace)


def test_running_off_to_infinity_is_not_success() -> None:
    decay = function_of_one(lambda x: np.exp(-x), lambda x: -np.exp(-x), lambda x: np.exp(-x))
    result = solve(decay, start(0), SafeguardedNewton())
    assert result.status == "diverged"
    assert "no minimum is near" in result.message
    assert result.verdict.classification is None
    line = function_of_one(lambda x: x, lambda x: 1.0, lambda x: 0.0)
    falling = solve(line, start(0), SafeguardedNewton())
    assert falling.status == "unbounded"
    rising = solve(line, start(0), SafeguardedNewton(), goal="maximize")
    assert rising.status == "unbounded"
    assert "unbounded above: it rises to " in rising.message
    assert rising.value > 1e99


def test_overflow_of_a_fixed_rate_is_divergence() -> None:
    f = function_of_one(lambda x: x**4, lambda x: 4 * x**3, lambda x: 12 * x**2)
    result = solve(f, start(4), Fixed(rate=0.05))
    assert result.status == "diverged"
    assert result.iterations < 10
    assert result.x[0] == 4
    better = float(str(result.advice).split("--rate ")[1].split(":")[0])
    again = solve(f, start(4), Fixed(rate=better), stop=Stopping(1e-3, 10_000))
    assert again.status == "converged"


@pytest.mark.parametrize("make", [regression, sauna, rosenbrock])
@pytest.mark.parametrize("rate", [1e3, 1.0, 0.07])
def test_following_the_advice_on_the_rate_ends_the_divergence(make: Callable[[], Handmade], rate: float) -> None:
    """Twice at most: the curvature may grow on the way, and is then seen."""
    for _ in range(3):
        result = solve(make(), start(0.5, 0.6), Fixed(rate=rate), stop=Stopping(1e-8, 50_000))
        if result.status not in ("diverged", "left_domain"):
            break
        better = float(str(result.advice).split("--rate ")[1].split(":")[0])
        assert better < rate
        rate = better
    if make is sauna and rate >= 1:  # no bound below, and the first step is long enough to find that out
        assert result.status == "unbounded"
        assert "smaller --rate" in str(result.advice)
    else:
        assert result.status == "converged"
        assert result.verdict.classification == "local minimum"


def test_a_fixed_rate_going_to_and_fro_is_recognised() -> None:
    corner = function_of_one(abs, lambda x: math.copysign(1.0, x), lambda x: 0.0)
    result = solve(corner, start(1), Fixed(rate=0.3))
    assert result.status == "stalled"
    assert "to and fro" in result.message
    assert result.iterations < 20


def test_stopping_refuses_nonsense() -> None:
    for bad in ({"tolerance": -1.0}, {"tolerance": math.nan}, {"max_iterations": -1}, {"time_limit": 0.0}):
        with pytest.raises(UsageError):
            Stopping(**bad)  # type: ignore[arg-type]


def test_counts_are_those_of_one_run() -> None:
    f = regression()
    first = solve(f, start(0, 0), PureNewton())
    second = solve(f, start(0, 0), PureNewton())
    assert first.counts == second.counts
    assert f.counts.value == first.counts.value + second.counts.value


def test_printed_inequalities_hold_as_printed() -> None:
    assert compare("g", 3.1234e-9, 1e-8, "tolerance") == "g = 3.12e-09 ≤ 1e-08 (tolerance)"
    assert compare("g", 1.00001e-8, 1e-8, "tolerance") == "g = 1.00001e-08 > 1e-08 (tolerance)"
    assert norm(np.full(100, 1e200)) == pytest.approx(1e201)
    assert norm(np.array([3e-200, 4e-200])) == pytest.approx(5e-200)
