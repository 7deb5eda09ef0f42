"""CasADi with IPOPT as a peer: the same formula as an SX expression, its own exact derivatives, tolerance 1e-8."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from calcopt.expression import parse
from calcopt.expression.expand import expand_sums
from calcopt.expression.tree import Add, Call, Constant, Div, Expr, Mul, Neg, Number, Pow, Symbol, postorder

RENAMED = {"abs": "fabs", "ln": "log"}


def expression(body: Expr, symbols: Mapping[str, Any]) -> Any:
    """The formula as CasADi knows it."""
    import casadi

    done: dict[Expr, Any] = {}
    for node in postorder(expand_sums(body)):
        args = [done[arg] for arg in node.args]
        match node:
            case Number(value):
                done[node] = float(value)
            case Constant(name):
                done[node] = float(np.pi if name == "pi" else np.e)
            case Symbol(name):
                done[node] = symbols[name]
            case Add():
                done[node] = sum(args[1:], args[0])
            case Mul():
                product = args[0]
                for factor in args[1:]:
                    product = product * factor
                done[node] = product
            case Neg():
                done[node] = -args[0]
            case Div():
                done[node] = args[0] / args[1]
            case Pow():
                done[node] = args[0] ** args[1]
            case Call(name):
                done[node] = getattr(casadi, RENAMED.get(name, name))(*args)
            case _:
                raise NotImplementedError(type(node).__name__)
    return done[expand_sums(body)]


def ipopt(problem: dict[str, Any]) -> tuple[bool, np.ndarray, float, float] | None:
    """(success claimed, x, f, evaluations of f, gradient and Hessian); None where the formula has no SX form."""
    import casadi

    formula = parse(problem["expression"].strip(), variables=problem["variables"])
    x = casadi.SX.sym("x", len(formula.variables))
    try:
        f = expression(formula.body, {name: x[k] for k, name in enumerate(formula.variables)})
    except (AttributeError, NotImplementedError):
        return None
    options = {"ipopt.print_level": 0, "print_time": 0, "ipopt.sb": "yes", "ipopt.tol": 1e-8, "ipopt.max_iter": 5000}
    solver = casadi.nlpsol("solver", "ipopt", {"x": x, "f": f}, options)
    start = np.array(problem["start"], dtype=float)
    try:
        found = solver(x0=start)
    except RuntimeError:
        return False, start, float("nan"), float("inf")
    stats = solver.stats()
    cost = sum(stats.get(name, 0) for name in ("n_call_nlp_f", "n_call_nlp_grad_f", "n_call_nlp_hess_l"))
    point = np.array(found["x"]).reshape(-1)
    return bool(stats["success"]), point, float(found["f"]), float(cost)
