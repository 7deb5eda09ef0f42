"""Back-propagation against the derivative of the written-out network, taken on its expression tree.

The network is printed as one formula in its weights, as in the course; calcopt's own exact differentiation of that
text knows nothing about layers.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from calcopt.api.perceptron import train_perceptron
from calcopt.expression import parse
from calcopt.learn.network import Network, loss_and_gradient
from calcopt.learn.shares import shares_of
from calcopt.learn.training_curvature import hessian
from calcopt.learn.training_problem import TrainingProblem
from calcopt.numeric.objective import function_objective


def written_out(network: Network, row: list[float], target: float) -> tuple[str, list[str]]:
    """The loss of one row as a formula, and the names of its parameters in the order of θ."""
    names: list[str] = []
    values = [f"({value!r})" for value in row]
    last = len(network.sizes) - 1
    for layer, (inputs, outputs) in enumerate(itertools.pairwise(network.sizes), start=1):
        weights = [[f"w{layer}_{i}_{j}" for j in range(outputs)] for i in range(inputs)]
        biases = [f"b{layer}_{j}" for j in range(outputs)]
        names += [name for line in weights for name in line] + biases
        sums = [
            " + ".join([*(f"{values[i]}*{weights[i][j]}" for i in range(inputs)), biases[j]]) for j in range(outputs)
        ]
        values = [f"({z})" if layer == last else f"{network.activation}({z})" for z in sums]
    if network.output == "identity":
        return f"1/2*({target!r} - {values[0]})^2", names
    if network.output == "sigmoid":
        return f"-{target!r}*log(sigmoid{values[0]}) - (1 - {target!r})*log(1 - sigmoid{values[0]})", names
    return f"log({' + '.join(f'exp{z}' for z in values)}) - {values[int(target)]}", names


NETWORKS = [
    Network((2, *hidden, 3 if output == "softmax" else 1), activation, output)
    for hidden, activation, output in itertools.product(
        [(), (2,), (3, 2), (2, 2, 2)], ["sigmoid", "tanh", "relu"], ["identity", "sigmoid", "softmax"]
    )
]


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_back_propagation_is_the_derivative_of_the_written_out_network(network: Network) -> None:
    """D1, D3, D5, D6: any number of layers."""
    generator = np.random.default_rng(11)
    for target in {"identity": [0.75], "sigmoid": [0.0, 1.0], "softmax": [0, 2]}[network.output]:
        row, theta = generator.normal(size=2), generator.normal(size=network.parameters)
        text, names = written_out(network, row.tolist(), target)
        formula = parse(text, variables=names)
        exact = function_objective(formula.body, names).evaluate(theta, 1)
        loss, gradient = loss_and_gradient(network, theta, row[None], np.array([target]))
        assert loss == pytest.approx(exact.value, rel=1e-12)
        assert exact.gradient is not None
        assert gradient == pytest.approx(exact.gradient, rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("network", NETWORKS[:3], ids=str)
def test_the_hessian_of_a_perceptron_is_that_of_the_written_out_loss(network: Network) -> None:
    generator = np.random.default_rng(5)
    row, theta = generator.normal(size=2), generator.normal(size=network.parameters)
    text, names = written_out(network, row.tolist(), 1)
    exact = function_objective(parse(text, variables=names).body, names).evaluate(theta, 2).hessian
    problem = TrainingProblem(network, shares_of(row[None], np.array([1])))
    assert exact is not None
    dense = exact if isinstance(exact, np.ndarray) else exact.toarray()
    assert hessian(problem, problem.evaluate(theta)) == pytest.approx(dense, rel=1e-10, abs=1e-13)


def test_the_trained_optimum_is_a_zero_of_the_gradient_of_the_written_out_loss() -> None:
    """The whole log loss of a table with penalty as one formula; plain Newton on it finds the same weights."""
    x = [(1.0, 2.0), (2.0, -1.0), (0.5, 0.5), (-1.0, 1.5), (0.0, -2.0), (3.0, 1.0)]
    labels = [1, 1, 0, 0, 0, 1]
    terms = [
        f"-{y}*log(sigmoid({a!r}*u + {b!r}*v + b)) - {1 - y}*log(1 - sigmoid({a!r}*u + {b!r}*v + b))"
        for (a, b), y in zip(x, labels, strict=True)
    ]
    text = f"({' + '.join(terms)})/6 + 1/2*0.1*(u^2 + v^2)"
    objective = function_objective(parse(text, variables=["u", "v", "b"]).body, ["u", "v", "b"])
    theta = np.zeros(3)
    for _ in range(12):
        at = objective.evaluate(theta, 2)
        theta = theta - np.linalg.solve(np.asarray(at.hessian), at.gradient)
    data = {"u": [a for a, _ in x], "v": [b for _, b in x], "k": ["yes" if y else "no" for y in labels]}
    for method in ("newton", "gd"):
        fit = train_perceptron(data, target="k", method=method, l2=0.1, scale=False, tolerance=1e-12)
        assert fit.status == "converged"
        assert [fit.weights["u"], fit.weights["v"], fit.bias] == pytest.approx(theta, rel=1e-10)
