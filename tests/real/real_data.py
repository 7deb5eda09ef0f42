"""The data sets that scikit-learn and statsmodels carry inside their packages, as files for calcopt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

EPS = float(np.finfo(float).eps)
Columns = dict[str, Any]


def learning_set(name: str) -> Columns:
    """A set of scikit-learn: its features by name, and ``target``, the classes by their names where they have some."""
    from sklearn import datasets

    found = getattr(datasets, f"load_{name}")()
    columns: Columns = {str(each): found.data[:, k] for k, each in enumerate(found.feature_names)}
    named = getattr(found, "target_names", None)
    text = name != "digits" and named is not None and len(named)
    columns["target"] = [str(named[k]) for k in found.target] if text else found.target
    return columns


def statistics_set(name: str) -> Columns:
    """A set of statsmodels."""
    import statsmodels.datasets

    frame = getattr(statsmodels.datasets, name).load_pandas().data
    return {str(column): frame[column].to_numpy() for column in frame}


def write(columns: Columns, place: Path) -> str:
    """The columns as a .csv or .parquet file, with every digit."""
    table = pa.table({name: pa.array(list(values)) for name, values in columns.items()})
    if place.suffix == ".parquet":
        pyarrow.parquet.write_table(table, place)
    else:
        pyarrow.csv.write_csv(table, place)
    return str(place)


def matrix(columns: Columns, *, without: str, constant: bool = False) -> np.ndarray:
    """The columns but one as (rows, columns), with a column of ones last where asked for."""
    rows = np.column_stack([np.asarray(values, float) for name, values in columns.items() if name != without])
    return np.column_stack([rows, np.ones(len(rows))]) if constant else rows


def values(found: dict[str, float]) -> np.ndarray:
    return np.array(list(found.values()), dtype=float)
