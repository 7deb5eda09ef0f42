"""Options that several commands share, written once as the fields of a dataclass.

``def gd(problem: …, solver: SolverOptions, output: OutputOptions)`` becomes a function whose signature has the fields
in the place of each dataclass, which is what Typer reads.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, get_type_hints

R = TypeVar("R")


def expand_options(function: Callable[..., R]) -> Callable[..., R]:
    """Replace each parameter whose type is a dataclass by that dataclass's fields, as keyword-only parameters."""
    hints = get_type_hints(function, include_extras=True)
    arguments: list[inspect.Parameter] = []
    own: list[inspect.Parameter] = []
    shared: list[inspect.Parameter] = []
    groups: dict[str, tuple[type[Any], list[str]]] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        kind = hints[name]
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            fields = _parameters(kind)
            groups[name] = (kind, [field.name for field in fields])
            shared += fields
        else:
            keyword = parameter.kind is inspect.Parameter.KEYWORD_ONLY
            kept = parameter.replace(annotation=hints[name])
            (own if keyword else arguments).append(kept)

    @wraps(function)
    def expanded(**values: Any) -> R:
        for name, (kind, fields) in groups.items():
            values[name] = kind(**{field: values.pop(field) for field in fields})
        return function(**values)

    ordered = [*arguments, *own, *shared]  # the command's own options come first in its help
    del expanded.__wrapped__  # else annotations would be read from the inner function
    expanded.__signature__ = inspect.Signature(ordered)  # type: ignore[attr-defined]
    expanded.__annotations__ = {parameter.name: parameter.annotation for parameter in ordered}
    return expanded


def _parameters(kind: type[Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=_default(field), annotation=hints[field.name]
        )
        for field in dataclasses.fields(kind)
    ]


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default is not dataclasses.MISSING else inspect.Parameter.empty
