"""States of methods as JSON and back, to the last bit.

Numbers keep their bits: Python writes and reads doubles exactly, long arrays go as base64 of their bytes. Quadratic
models are not stored: they follow from the Hessian, which is evaluated again at the stored point.
"""

from __future__ import annotations

import base64
import math
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from calcopt.solve.method import Method
    from calcopt.solve.tasks import Point, Task

SHORT = 64
"""Arrays of up to so many numbers are written as numbers."""
_HOMES = {
    "Watch": "rate",
    "Moments": "gd_adam",
    "Pace": "gd_nesterov",
    "Memory": "gd_barzilai_borwein",
    "Pair": "lbfgs",
    "Damping": "levenberg_marquardt",
    "Bracket": "root_bracketed",
    "Point": "tasks",
}
"""The records that states are made of, and the files they are in: nothing else is ever built from a file."""


def frozen(value: Any) -> Any:
    """``value`` as what JSON can hold; TypeError for what cannot be stored."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"number": repr(float(value))}
    if isinstance(value, (np.ndarray, np.generic)):
        return _frozen_array(np.asarray(value))
    name = type(value).__name__
    if name in _HOMES:
        names = getattr(value, "_fields", None) or [item.name for item in fields(value)]
        return {"record": name, "fields": {item: frozen(getattr(value, item)) for item in names}}
    if isinstance(value, tuple):
        return {"tuple": [frozen(item) for item in value]}
    raise TypeError(f"a state that cannot be stored: {name}")


def _frozen_array(value: Any) -> dict[str, Any]:
    shape, kind = list(value.shape), value.dtype.newbyteorder("<").str
    if value.size <= SHORT and value.dtype == np.float64:
        return {"array": [frozen(item) for item in value.ravel().tolist()], "shape": shape}
    raw = np.ascontiguousarray(value.astype(kind, copy=False)).tobytes()
    return {"bytes": base64.b64encode(raw).decode("ascii"), "shape": shape, "type": kind}


def thawed(value: Any) -> Any:
    """What :func:`frozen` was given; ValueError (or KeyError, TypeError) for anything else."""
    if not isinstance(value, dict):
        return value
    if "number" in value:
        return float(value["number"])
    if "array" in value:
        return np.array([thawed(item) for item in value["array"]], dtype=np.float64).reshape(value["shape"])
    if "bytes" in value:
        raw = base64.b64decode(value["bytes"], validate=True)
        found = np.frombuffer(raw, dtype=np.dtype(value["type"])).reshape(value["shape"])
        return found.astype(found.dtype.newbyteorder("="))
    if "tuple" in value:
        return tuple(thawed(item) for item in value["tuple"])
    made = getattr(import_module(f"calcopt.solve.{_HOMES[value['record']]}"), value["record"])
    return made(**{name: thawed(item) for name, item in value["fields"].items()})


def frozen_state(method: Method, state: Any) -> Any:
    """The state of ``method``, whatever it is wrapped in."""
    from calcopt.solve.newton_safeguarded import Region

    inner = _inside(method, state)
    if inner is not None:
        rest = {name: frozen(getattr(state, name)) for name in state._fields if name != "inner"}
        return {"wrapped": rest, "inner": frozen_state(inner, state.inner)}
    if isinstance(state, Region):
        return {"region": {"radius": frozen(state.radius), "lingering": state.lingering}}
    return frozen(state)


def thawed_state(method: Method, data: Any, task: Task, point: Point) -> Any:
    """The state again; quadratic models are made anew from the Hessian at ``point``."""
    from calcopt.solve.newton_safeguarded import SafeguardedNewton

    if isinstance(method, SafeguardedNewton):
        return method._at(task, point, thawed(data["region"]["radius"]), int(data["region"]["lingering"]))
    if isinstance(data, dict) and "wrapped" in data:
        kind = _wrapper(method)
        rest = {name: thawed(item) for name, item in data["wrapped"].items()}
        inner = _inside(method, kind(inner=None, **rest))
        assert inner is not None
        return kind(inner=thawed_state(inner, data["inner"], task, point), **rest)
    return thawed(data)


def _wrapper(method: Method) -> Any:
    """The record that holds the state of a method made of others."""
    from calcopt.solve.relay import Leg, Relay
    from calcopt.solve.scheduled import Paced
    from calcopt.solve.together import Together, Watched

    return Leg if isinstance(method, Relay) else Watched if isinstance(method, Together) else Paced


def _inside(method: Method, state: Any) -> Any:
    """The method that ``state.inner`` belongs to; None for a method that is not made of others."""
    from calcopt.solve.relay import Relay
    from calcopt.solve.scheduled import Scheduled
    from calcopt.solve.together import Together

    if isinstance(method, (Scheduled, Together)):
        return method.inner
    if isinstance(method, Relay):
        return method.second if state.second else method.first
    return None


def described(method: Any) -> str:
    """A method with its hyper-parameters, as text: ``Fixed(rate=0.01)``."""
    shown = []
    for item in fields(method) if is_dataclass(method) else ():
        value = getattr(method, item.name)
        if is_dataclass(value) and not isinstance(value, type):
            shown.append(f"{item.name}={described(value)}")
        elif value is None or isinstance(value, (int, float, str, tuple)):
            shown.append(f"{item.name}={value!r}")
    return f"{type(method).__name__}({', '.join(shown)})"
