"""The JSON Schema of problem files, for editors and validators."""

from __future__ import annotations

from typing import Any

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def problem_schema() -> dict[str, Any]:
    """The schema as ``calcopt schema`` prints it: one object, keys described, closed to unknown keys.

    Reference: JSON Schema, draft 2020-12 (Wright, Andrews, Hutton, Dennis, 2022).
    """
    import inspect

    import msgspec

    from calcopt.problem.schema import Problem

    generated = msgspec.json.schema(Problem)
    body = dict(generated["$defs"]["Problem"])
    properties = {key: _without_null(value) for key, value in body.pop("properties").items()}
    return {
        "$schema": _DIALECT,
        "title": "calcopt problem",
        "description": inspect.getdoc(Problem),
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A key that is there has a value: None is what calcopt holds for an absent key, never what a file says."""
    cleaned = {key: value for key, value in schema.items() if value not in (None, [])}
    options = [option for option in cleaned.pop("anyOf", []) if option != {"type": "null"}]
    if "enum" in cleaned:
        cleaned["enum"] = [value for value in cleaned["enum"] if value is not None]
    if not options:
        return cleaned
    return {**options[0], **cleaned} if len(options) == 1 else {**cleaned, "anyOf": options}
