"""Hand-made records, one of each kind, with numbers from the course."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from calcopt.records import (
    AtPoint,
    Continuum,
    Counts,
    CriticalPoint,
    CriticalPoints,
    CurveFit,
    Derivative,
    Derivatives,
    Epoch,
    FitRun,
    Iteration,
    LineFit,
    Metrics,
    Result,
    Runs,
    Separation,
    TrainedPerceptron,
    Verdict,
)
from calcopt.records.models import FitSummary, Input, ModelSummary

E7_PATH = [
    (4.0, 4.0),
    (2.5827393, 2.6212887),
    (1.5922556, 1.6748158),
    (0.87058917, 1.0018213),
    (0.33519431, 0.49397604),
    (0.041235934, 0.12545907),
    (1.94664e-4, 3.01029e-3),
    (-2.485e-8, 3.554e-8),
    (4.16e-17, -2.05e-17),
]


def _e7(x: float, y: float) -> float:
    return x**4 + 0.8 * y**4 + 4 * x**2 + 2 * y**2 - x * y - 0.2 * x**2 * y


def _e7_gradient(x: float, y: float) -> np.ndarray:
    return np.array([4 * x**3 + 8 * x - y - 0.4 * x * y, 3.2 * y**3 + 4 * y - x - 0.2 * x**2])


def newton_result() -> Result:
    trace, before = [], None
    for index, (x, y) in enumerate(E7_PATH):
        gradient = _e7_gradient(x, y)
        point = np.array([x, y])
        length = None if before is None else float(np.linalg.norm(point - before))
        letter = " " if index == 0 else "N"
        norm = float(np.linalg.norm(gradient))
        trace.append(
            Iteration(index, point, _e7(x, y), gradient, norm, length, letter, {"alpha": 1.0} if index else {})
        )
        before = point
    last = trace[-1]
    return Result(
        command="newton",
        function="x^4 + 0.8y^4 + 4x^2 + 2y^2 - x y - 0.2x^2 y",
        variables=("x", "y"),
        goal="minimize",
        method="safeguarded",
        status="converged",
        message=f"‖∇f‖ = {last.gradient_norm:.2e} ≤ 1e-08",
        x=last.x,
        value=last.value,
        gradient=last.gradient,
        gradient_norm=last.gradient_norm,
        hessian=np.array([[8.0, -1.0], [-1.0, 4.0]]),
        verdict=Verdict(
            "local minimum", "both eigenvalues of ∇²f are > 0: 3.763932, 8.236068", np.array([3.763932, 8.236068])
        ),
        counts=Counts(9, 9, 9),
        trace=tuple(trace),
    )


def descent_result(steps: int = 400, rate: float = 0.005, start: float = 0.05) -> Result:
    """exp(x) - log(x) by descent, cut off after ``steps``."""
    trace = []
    x, before = start, None
    for index in range(steps + 1):
        slope = math.exp(x) - 1 / x
        length = None if before is None else abs(x - before)
        value = math.exp(x) - math.log(x)
        letter = "G" if index else " "
        trace.append(Iteration(index, np.array([x]), value, np.array([slope]), abs(slope), length, letter))
        before, x = x, x - rate * slope
    last = trace[-1]
    return Result(
        command="gd",
        function="exp(x) - log(x)",
        variables=("x",),
        goal="minimize",
        method="fixed",
        status="max_iterations",
        message=f"{steps} iterations, ‖∇f‖ = {last.gradient_norm:.2e} > 1e-08",
        x=last.x,
        value=last.value,
        gradient=last.gradient,
        gradient_norm=last.gradient_norm,
        hessian=None,
        verdict=Verdict(None, ""),
        counts=Counts(steps + 1, steps + 1, 0),
        trace=tuple(trace),
        advice="more steps (--max-iterations), or a larger --rate",
    )


def several_runs() -> Runs:
    first, second = descent_result(40), descent_result(60, start=1.5)
    return Runs("gd", (first, second, newton_like()), best=2, remarks=("2 different points were reached",))


def newton_like() -> Result:
    """A converged one-variable run."""
    near = descent_result(900)
    from dataclasses import replace

    minimum = Verdict("local minimum", "f'' = 4.8725 > 0", np.array([4.8725]))
    return replace(near, status="converged", message="‖∇f‖ = 9.9e-09 ≤ 1e-08", verdict=minimum, advice=None)


def wide_result(count: int = 40) -> Result:
    """Many variables, one iteration."""
    names = tuple(f"x[{index}]" for index in range(1, count + 1))
    x0, x1 = np.linspace(-1.0, 1.0, count), np.ones(count)
    g0, g1 = np.full(count, -2.0), np.zeros(count)
    return Result(
        command="newton",
        function=f"sum((x[i]-1)^2, i, 1, {count})",
        variables=names,
        goal="minimize",
        method="safeguarded",
        status="converged",
        message="‖∇f‖ = 0 ≤ 1e-08",
        x=x1,
        value=0.0,
        gradient=g1,
        gradient_norm=0.0,
        hessian=2 * np.eye(count),
        verdict=Verdict("local minimum", "all eigenvalues of ∇²f are 2 > 0", np.full(count, 2.0)),
        counts=Counts(2, 2, 2),
        trace=(
            Iteration(0, x0, 53.0, g0, float(np.linalg.norm(g0))),
            Iteration(1, x1, 0.0, g1, 0.0, float(np.linalg.norm(x1 - x0)), "N", {"alpha": 1.0}),
        ),
    )


def system_result() -> Result:
    """x² + y² = 4, x y = 1."""
    x = np.array([1.9318516525781366, 0.5176380902050415])
    return Result(
        command="newton",
        function="x^2 + y^2 - 4; x*y - 1",
        variables=("x", "y"),
        goal="root",
        method="safeguarded",
        status="converged",
        message="‖F‖ = 4.44e-16 ≤ 1e-08",
        x=x,
        value=4.44e-16,
        gradient=None,
        gradient_norm=None,
        hessian=None,
        verdict=Verdict(None, ""),
        counts=Counts(5, 5, 0),
        trace=(
            Iteration(0, np.array([2.0, 1.0]), 1.4142135, np.array([]), 1.4142135),
            Iteration(1, x, 4.44e-16, np.array([]), 4.44e-16, 0.49, "N"),
        ),
        residual=np.array([0.0, 4.44e-16]),
        jacobian=np.array([[3.86, 1.03], [0.517, 1.93]]),
    )


def one_derivative() -> Derivatives:
    return Derivatives(
        function="x*exp(x)",
        variables=("x",),
        order=1,
        derivatives=(Derivative(("x",), "(x + 1)*exp(x)", r"\left(x + 1\right) e^{x}", "d/dx f"),),
        latex=r"x e^{x}",
    )


def gradient_at() -> Derivatives:
    return Derivatives(
        function="x^2 + y^2",
        variables=("x", "y"),
        order=1,
        derivatives=(Derivative(("x",), "2*x", "2 x", "∂f/∂x"), Derivative(("y",), "2*y", "2 y", "∂f/∂y")),
        gradient=("2*x", "2*y"),
        hessian=(("2", "0"), ("0", "2")),
        at=(
            AtPoint(
                at={"x": 2.0, "y": math.pi},
                value=13.869604401089358,
                derivative_values=(4.0, 2 * math.pi),
                gradient_value=(4.0, 2 * math.pi),
                hessian_value=((2.0, 0.0), (0.0, 2.0)),
                eigenvalues=(2.0, 2.0),
                exact_at={"x": "2", "y": "pi"},
                exact_value="4 + pi^2",
                exact_derivative_values=("4", "2*pi"),
                tangent="z = 4 + pi^2 + 4*(x - 2) + 2*pi*(y - pi)",
            ),
        ),
    )


def sauna_points() -> CriticalPoints:
    return CriticalPoints(
        function="85 - x^2*(x-6)*y^2*(y-6)/90",
        variables=("x", "y"),
        box=None,
        points=(
            CriticalPoint(
                x={"x": 4.0, "y": 4.0},
                exact={"x": "4", "y": "4"},
                value=3313 / 45,
                exact_value="3313/45",
                gradient_norm=0.0,
                hessian=((64 / 15, 0.0), (0.0, 64 / 15)),
                eigenvalues=(64 / 15, 64 / 15),
                classification="local minimum",
                classification_detail="both eigenvalues are positive",
            ),
            CriticalPoint(
                x={"x": 6.0, "y": 6.0},
                exact={"x": "6", "y": "6"},
                value=85.0,
                exact_value="85",
                gradient_norm=0.0,
                hessian=((0.0, -14.4), (-14.4, 0.0)),
                eigenvalues=(-14.4, 14.4),
                classification="saddle point",
                classification_detail="eigenvalues of both signs",
            ),
        ),
        continua=(
            Continuum("the line x = 0", ("x = 0",), "85", "f is constant along it"),
            Continuum("the line y = 0", ("y = 0",), "85", "f is constant along it"),
        ),
        complete=True,
        method="exact",
        message="all solutions of ∇f = 0 were found exactly",
    )


def symbolic_point() -> CriticalPoints:
    return CriticalPoints(
        function="(x-a)^2 + (x-b)^2",
        variables=("x",),
        box=None,
        points=(
            CriticalPoint(
                x=None,
                exact={"x": "a/2 + b/2"},
                value=None,
                exact_value="(a - b)^2/2",
                gradient_norm=None,
                hessian=(("4",),),
                eigenvalues=None,
                classification="local minimum",
                classification_detail="f'' = 4 > 0",
            ),
        ),
        continua=(),
        complete=True,
        method="exact",
        message="solved exactly",
    )


def line_fit() -> LineFit:
    return LineFit(
        data="points.csv",
        rows=3,
        skipped=0,
        target="y",
        features=("x",),
        method="exact",
        status="converged",
        message="solved exactly by shifted moments",
        parameters={"x": 0.5, "intercept": 7 / 3},
        cost=25 / 36,
        r_squared=0.10714285714285714,
        residual_standard_deviation=2.041241452319315,
        standard_errors={"x": 1.4433756729740645, "intercept": 3.118048535},
        t_values={"x": 0.34641016151377546, "intercept": 0.7483314},
        p_values={"x": 0.7877043, "intercept": 0.5908},
        confidence_intervals={"x": (-17.8397, 18.8397), "intercept": (-37.285, 41.952)},
        degrees_of_freedom=1,
        intercept=True,
    )


def curve_fit() -> CurveFit:
    """BoxBOD of the NIST sets, with its certified values, as if b2 had met a bound at the second start."""
    path = [((100.0, 0.75), 9771.5, " "), ((212.7, 0.5401), 1170.0, "F"), ((213.80940889, 0.54723748542), 1168.0, "N")]
    trace = tuple(
        Iteration(k, np.array(x), s, np.array([-9.0, 3.0]), 9.5, None if k == 0 else 1.0, step, {"offset": 10.0**-k})
        for k, (x, s, step) in enumerate(path)
    )
    return CurveFit(
        model="y ~ b1*(1-exp(-b2*x))",
        data="BoxBOD.csv",
        rows=6,
        skipped=0,
        target="y",
        columns=("y", "x"),
        method="levenberg-marquardt",
        loss="linear",
        loss_scale=None,
        weights=None,
        status="converged",
        message="relative offset 2e-19 ≤ 1e-08 after 2 iterations",
        parameters={"b1": 213.80940889, "b2": 0.54723748542},
        residual_sum_of_squares=1168.0088766,
        cost=1168.0088766,
        r_squared=0.88046781,
        r_squared_about="mean",
        residual_standard_deviation=17.088072423,
        degrees_of_freedom=4,
        standard_errors={"b1": 12.354515176, "b2": 0.10455993237},
        t_values={"b1": 17.306177, "b2": 5.233720},
        p_values={"b1": 6.54e-05, "b2": 0.00637},
        confidence_intervals={"b1": (179.508, 248.111), "b2": (0.256933, 0.837542)},
        correlations=((1.0, -0.744), (-0.744, 1.0)),
        aic=54.65504,
        bic=54.03032,
        trace=trace,
        starts=(
            FitRun({"b1": 1.0, "b2": 1.0}, {"b1": 213.80940889, "b2": 0.54723748542}, 1168.0088766, "converged", 25),
            FitRun({"b1": 100.0, "b2": 0.75}, {"b1": 172.5, "b2": 90.0}, 9771.5, "singular", 2),
        ),
        warnings=("the data hardly tell 'b1' and 'b2' apart",),
    )


def perceptron() -> TrainedPerceptron:
    epochs = tuple(
        Epoch(k, 0.6931 * math.exp(-k / 40), 0.5 if k < 3 else 1.0, 0.4 * math.exp(-k / 30)) for k in range(60)
    )
    return TrainedPerceptron(
        data="sentiment.csv",
        rows=4,
        skipped=0,
        task="classification",
        target="mood",
        classes=("happy", "sad"),
        features=("na", "ya"),
        hidden=(),
        activation="sigmoid",
        method="newton",
        status="converged",
        message="‖∇L‖ = 2.1e-09 ≤ 1e-08",
        epochs=59,
        loss=0.158,
        accuracy=1.0,
        weights={"na": 1.2345678, "ya": -1.3456789},
        bias=0.25,
        separable=True,
        model=None,
        trace=epochs,
        gradient_norm=2.1e-9,
        l2=0.01,
        warnings=("the classes are separable: without --l2 the weights would grow for ever",),
    )


def network() -> TrainedPerceptron:
    return TrainedPerceptron(
        data="xor.csv",
        rows=4,
        skipped=0,
        task="classification",
        target="z",
        classes=("0", "1"),
        features=("x", "y"),
        hidden=(2,),
        activation="tanh",
        method="adam",
        status="max_iterations",
        message="500 epochs, ‖∇L‖ = 3.1e-04 > 1e-08",
        epochs=500,
        loss=0.012,
        accuracy=1.0,
        weights=[np.array([[1.0, -2.0], [1.5, -2.5]]), np.array([[3.0], [-3.0]])],
        bias=[np.array([0.1, -0.2]), np.array([0.5])],
        separable=None,
        model="xor.json",
        trace=(),
    )


def held_out() -> TrainedPerceptron:
    """Early stopping, class weights, levels and filled cells: all that a table of training may have to say."""
    epochs = tuple(Epoch(k, 0.7 / (k + 1), 0.5 + k / 90, 0.3 / (k + 1), 0.8 / (k + 1), 0.4 + k / 90) for k in range(31))
    return replace(
        network(),
        data="exams.csv",
        rows=200,
        target="passed",
        classes=("no", "yes"),
        features=("hours", "team=blue", "team=red"),
        hidden=(),
        weights={"hours": 1.25, "team=blue": -1.5, "team=red": 1.5},
        bias=-6.0,
        status="stopped_early",
        message="the loss on the held-out rows was lowest after 20 epochs",
        trace=epochs,
        metrics=Metrics(150, 0.86, 0.31, 0.95, ((70, 11), (10, 59))),
        validation=Metrics(50, 0.8, 0.41, 0.913149, ((21, 7), (3, 19))),
        best_epoch=20,
        class_weights={"no": 1.0, "yes": 2.5},
        categories={"team": ("blue", "red")},
        means={"hours": 4.5},
        filled=3,
        resumed_from=12,
        separation=Separation("quasi", {"hours": 1.0}, -4.0, 6),
    )


def saved_model() -> ModelSummary:
    return ModelSummary(
        path="exams.json",
        calcopt="1.0",
        task="classification",
        target="passed",
        classes=("no", "yes"),
        inputs=(Input("hours", "hours", None), Input("team=red", "team_red", "1 where team is 'red', else 0")),
        hidden=(),
        activation="sigmoid",
        output="sigmoid",
        weights={"hours": 1.25, "team=red": 1.5},
        bias=-6.0,
        parameters=3,
        means={"hours": 4.5},
        formulas={"yes": "f(hours, team_red) = sigmoid(1.25*hours + 1.5*team_red - 6.0)"},
        formula_note=None,
        training={
            "data": "exams.csv",
            "rows": 200,
            "method": "newton",
            "status": "converged",
            "epochs": 6,
            "loss": 0.25,
            "accuracy": 0.875,
        },
    )


def saved_curve() -> FitSummary:
    return FitSummary(
        path="box.json",
        calcopt="1.0",
        kind="curve",
        model="log(y) ~ a + k*log(x)",
        constants={"k": "1/3"},
        target="log(y)",
        inputs=(Input("x", "x", None),),
        parameters={"a": 0.25},
        standard_errors={"a": 0.0625},
        covariance=[[0.00390625]],
        residual_standard_deviation=0.125,
        degrees_of_freedom=1,
        formulas={"log(y)": "f(x) = 0.25 + 1/3*log(x)", "y": "f(x) = exp(0.25 + 1/3*log(x))"},
        formula_note=None,
        fit={
            "data": "box.csv",
            "rows": 2,
            "method": "exact",
            "status": "converged",
            "loss": "linear",
            "loss_scale": None,
            "weights": "w",
            "r_squared": 0.875,
        },
    )


RECORDS = {
    "held-out": held_out,
    "saved-curve": saved_curve,
    "model": saved_model,
    "newton": newton_result,
    "descent": descent_result,
    "runs": several_runs,
    "wide": wide_result,
    "system": system_result,
    "derivative": one_derivative,
    "gradient": gradient_at,
    "sauna": sauna_points,
    "symbolic": symbolic_point,
    "line": line_fit,
    "curve": curve_fit,
    "perceptron": perceptron,
    "network": network,
}
