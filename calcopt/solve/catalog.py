"""The methods by the names users give them. To add one: a file of its own, its name here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from calcopt.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from calcopt.solve.method import Method
    from calcopt.solve.scheduled import Schedule

DescentMethod: TypeAlias = Literal[
    "fixed", "momentum", "nesterov", "adam", "rmsprop", "backtracking", "strong-wolfe", "barzilai-borwein"
]
NewtonMethod: TypeAlias = Literal["safeguarded", "line-search", "trust-region", "pure"]
LocalMethod: TypeAlias = Literal[
    "auto",
    "safeguarded",
    "line-search",
    "trust-region",
    "truncated-newton",
    "l-bfgs",
    "levenberg-marquardt",
    "barzilai-borwein",
]
SCHEDULES = ("constant", "1/t", "sqrt", "cosine")
DEFAULT_RATE = 0.01

_HOMES: dict[str, tuple[str, str]] = {
    "fixed": ("gd_fixed", "Fixed"),
    "momentum": ("gd_momentum", "Momentum"),
    "nesterov": ("gd_nesterov", "Nesterov"),
    "adam": ("gd_adam", "Adam"),
    "rmsprop": ("gd_rmsprop", "RMSProp"),
    "backtracking": ("gd_backtracking", "Backtracking"),
    "strong-wolfe": ("gd_strong_wolfe", "WolfeDescent"),
    "barzilai-borwein": ("gd_barzilai_borwein", "BarzilaiBorwein"),
    "safeguarded": ("newton_safeguarded", "SafeguardedNewton"),
    "line-search": ("newton_line_search", "LineSearchNewton"),
    "trust-region": ("newton_trust_region", "TrustRegionNewton"),
    "pure": ("newton_pure", "PureNewton"),
    "truncated-newton": ("newton_truncated", "TruncatedNewton"),
    "l-bfgs": ("lbfgs", "LimitedBFGS"),
}
_SEARCHING = ("backtracking", "strong-wolfe", "barzilai-borwein")
"""Descent methods that find a rate at every step: ``rate`` is their first trial only."""


def descent_method(name: str, rate: float | None, schedule: Schedule | str = "constant") -> Method:
    """The method record of ``gd --method``; only the module that is needed is imported."""
    _check_choice("method", name, get_args(DescentMethod))
    _check_choice("schedule", schedule, SCHEDULES)
    if rate is not None and not (rate > 0 and math.isfinite(rate)):
        raise UsageError(f"the rate must be a number above 0, not {rate}", hint="try --rate 0.01")
    if name in _SEARCHING:
        if schedule != "constant":
            raise UsageError(
                f"{name} finds a rate at every step, so a schedule has nothing to change",
                hint="leave --schedule out, or use --method fixed, momentum, nesterov, adam or rmsprop",
            )
        return _made(name) if rate is None else _made(name, rate=float(rate))
    method = _made(name, rate=DEFAULT_RATE if rate is None else float(rate))
    if schedule == "constant":
        return method
    from calcopt.solve.scheduled import Scheduled

    return Scheduled(method, schedule)  # type: ignore[arg-type]


def newton_method(name: str) -> Method:
    """The method record of ``newton --method``."""
    _check_choice("method", name, get_args(NewtonMethod))
    return _made(name)


def local_method(name: str) -> Method:
    """The method record of ``minimize --method``, but for ``auto`` and ``levenberg-marquardt``, which need to know more
    of the function (:mod:`calcopt.solve.choose`)."""
    _check_choice("method", name, get_args(LocalMethod))
    return _made(name)


def check_local_method(name: str) -> None:
    """UsageError for a name that ``minimize --method`` does not know."""
    _check_choice("method", name, get_args(LocalMethod))


def _made(name: str, **parameters: Any) -> Method:
    module, record = _HOMES[name]
    made: Method = getattr(import_module(f"calcopt.solve.{module}"), record)(**parameters)
    return made


def _check_choice(option: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        close = did_you_mean(str(value), known)
        hint = f"did you mean '{close}'?" if close else f"choose from {', '.join(known)}"
        raise UsageError(f"unknown {option} '{value}'", hint=hint)
