"""The methods by the names users give them. To add one: a file of its own, its name here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from calcopt.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from calcopt.solve.method import Method

DescentMethod: TypeAlias = Literal["fixed", "momentum", "nesterov", "adam", "backtracking", "barzilai-borwein"]
NewtonMethod: TypeAlias = Literal["safeguarded", "pure"]
DEFAULT_RATE = 0.01


def descent_method(name: str, rate: float | None) -> Method:
    """The method record of ``gd --method``; only the module that is needed is imported."""
    _check_choice("method", name, get_args(DescentMethod))
    if rate is not None and not (rate > 0 and math.isfinite(rate)):
        raise UsageError(f"the rate must be a number above 0, not {rate}", hint="try --rate 0.01")
    fixed = DEFAULT_RATE if rate is None else float(rate)
    if name == "fixed":
        from calcopt.solve.gd_fixed import Fixed

        return Fixed(rate=fixed)
    if name == "momentum":
        from calcopt.solve.gd_momentum import Momentum

        return Momentum(rate=fixed)
    if name == "nesterov":
        from calcopt.solve.gd_nesterov import Nesterov

        return Nesterov(rate=fixed)
    if name == "adam":
        from calcopt.solve.gd_adam import Adam

        return Adam(rate=fixed)
    if name == "backtracking":
        from calcopt.solve.gd_backtracking import Backtracking

        return Backtracking() if rate is None else Backtracking(rate=float(rate))
    from calcopt.solve.gd_barzilai_borwein import BarzilaiBorwein

    return BarzilaiBorwein(rate=None if rate is None else float(rate))


def newton_method(name: str) -> Method:
    """The method record of ``newton --method``."""
    _check_choice("method", name, get_args(NewtonMethod))
    if name == "pure":
        from calcopt.solve.newton_pure import PureNewton

        return PureNewton()
    from calcopt.solve.newton_safeguarded import SafeguardedNewton

    return SafeguardedNewton()


def _check_choice(option: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        close = did_you_mean(str(value), known)
        hint = f"did you mean '{close}'?" if close else f"choose from {', '.join(known)}"
        raise UsageError(f"unknown {option} '{value}'", hint=hint)
