"""The view of any record."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from calcopt.records import CriticalPoints, CurveFit, Derivatives, LineFit, Result, Runs, TrainedPerceptron
from calcopt.records.models import FitSummary, ModelSummary
from calcopt.render.notation import Notation
from calcopt.render.people.layout import Layout


def view(record: object, layout: Layout, *, notation: Notation | None = None) -> Iterator[RenderableType]:
    """What people see of ``record``; each renderer is imported only when its record comes."""
    if type(record).__name__ == "Recheck":
        from calcopt.records.rechecks import Recheck
        from calcopt.render.people.recheck import recheck_view

        assert isinstance(record, Recheck)
        return recheck_view(record, layout)
    match record:
        case Result():
            from calcopt.render.people.result import result_view

            return result_view(record, layout)
        case Runs():
            from calcopt.render.people.result import runs_view

            return runs_view(record, layout)
        case Derivatives():
            from calcopt.render.people.derivatives import derivatives_view

            return derivatives_view(record, layout, notation)
        case CriticalPoints():
            from calcopt.render.people.critical import critical_view

            return critical_view(record, layout)
        case LineFit():
            from calcopt.render.people.line import line_view

            return line_view(record, layout)
        case CurveFit():
            from calcopt.render.people.fit import fit_view

            return fit_view(record, layout)
        case TrainedPerceptron():
            from calcopt.render.people.perceptron import perceptron_view

            return perceptron_view(record, layout)
        case ModelSummary():
            from calcopt.render.people.model import model_view

            return model_view(record, layout)
        case FitSummary():
            from calcopt.render.people.saved_fit import saved_fit_view

            return saved_fit_view(record, layout)
    raise TypeError(f"no view for {type(record).__name__}")
