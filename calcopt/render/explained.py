"""The field ``explained`` of ``gd``, ``newton`` and ``minimize`` (see ``documents``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calcopt.render.solved import matrix_fields, named

if TYPE_CHECKING:
    from calcopt.records.explained import Explained, LinearSystem


def explained(record: Explained) -> dict[str, Any]:
    """Every number of the working; what the method has not is left out."""
    names = record.variables
    fields: dict[str, Any] = {
        "iteration": record.iteration,
        "step": record.step,
        "rule": record.rule,
        "x": named(names, record.x),
        "value": record.value,
        "gradient": named(names, record.gradient),
        "gradient_norm": record.gradient_norm,
    }
    if record.gradient_formulas is not None:
        fields["gradient_formulas"] = dict(zip(names, record.gradient_formulas, strict=True))
    if record.hessian is not None:
        fields |= matrix_fields("hessian", record.hessian)
        fields["eigenvalues"] = record.eigenvalues
    if record.residual is not None:
        fields |= {"residual": record.residual, "jacobian": record.jacobian}
    if record.hessian_formulas is not None:
        rows = "hessian_formulas" if record.hessian is not None else "jacobian_formulas"
        fields[rows] = record.hessian_formulas
    if record.system is not None:
        fields["system"] = _system(record.system)
    fields["quantities"] = dict(record.quantities)
    fields["vectors"] = {name: named(names, vector) for name, vector in record.vectors.items()}
    fields["tests"] = [
        {
            "name": test.name,
            "formula": test.formula,
            "left": test.left,
            "relation": test.relation,
            "right": test.right,
            "holds": test.holds,
        }
        for test in record.inequalities
    ]
    fields["new_x"] = named(names, record.new_x)
    fields["new_value"] = record.new_value
    fields["new_gradient_norm"] = record.new_norm
    fields["notes"] = record.notes
    return fields


def _system(system: LinearSystem) -> dict[str, Any]:
    return {
        "formula": system.formula,
        **matrix_fields("matrix", system.matrix),
        "right": system.right,
        "solution": dict(zip(system.names, system.solution.tolist(), strict=True)),
        "exact": system.exact,
    }
