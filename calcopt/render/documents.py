"""Records as the documents of ``--json``: field names and their order are the command-line contract's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def of(record: Any, *, trace: bool = True) -> Mapping[str, Any]:
    """The document of any record; without ``trace`` for the last line of an event stream, which has sent it already.

    Chosen by the record's name, so that only the kind of record at hand is imported.
    """
    kind = type(record).__name__
    if kind in ("Result", "Runs"):
        from calcopt.render import solved

        return solved.document(record, trace=trace)
    if kind in ("Derivatives", "CriticalPoints"):
        from calcopt.render import formulas

        return formulas.document(record, trace=trace)
    if kind == "Recheck":
        from calcopt.render import formulas

        return formulas.recheck(record)
    if kind == "CurveFit":
        from calcopt.render import fitted

        return fitted.document(record, trace=trace)
    if kind in ("LineFit", "TrainedPerceptron"):
        from calcopt.render import learned

        return learned.document(record, trace=trace)
    if kind in ("ModelSummary", "FitSummary"):
        from calcopt.render import model

        return model.document(record)
    raise TypeError(f"no document for {kind}")


def events(record: Any) -> Iterable[Mapping[str, Any]]:
    """What goes before the result in an event stream and was not sent while it happened: the steps of ``diff``."""
    if type(record).__name__ != "Derivatives" or not record.steps:
        return ()
    from calcopt.render import steps

    return steps.events(record.steps)
