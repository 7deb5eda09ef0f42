"""The JSON Schema that editors get, and the sample problems under it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from calcopt.errors import FileError
from calcopt.problem.load import key_types, loads
from calcopt.problem.schema_json import problem_schema

SAMPLES = Path(__file__).resolve().parent.parent.parent / "sample_problems"
FILES = sorted(SAMPLES.glob("*.yaml"))
VALIDATOR = jsonschema.Draft202012Validator(problem_schema())


def accepted_by_schema(document: Any) -> bool:
    return bool(VALIDATOR.is_valid(document))


def accepted_by_loader(document: Any) -> bool:
    try:
        loads(json.dumps(document), "p.json")
    except FileError:
        return False
    return True


def test_the_schema_is_valid_and_describes_every_key() -> None:
    schema = problem_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == set(key_types())
    assert all(entry["description"].endswith(".") for entry in schema["properties"].values())
    assert not schema["additionalProperties"]
    json.dumps(schema)


def test_examples_are_what_they_are_examples_of() -> None:
    for key, entry in problem_schema()["properties"].items():
        for example in entry.get("examples", []):
            assert accepted_by_schema({key: example}), (key, example)


@pytest.mark.parametrize(
    ("entry", "valid"),
    [
        ({"rate": 0.1}, True),
        ({"rate": 0}, False),
        ({"rate": None}, False),
        ({"rate": "fast"}, False),
        ({"start": {"x": "pi/2"}}, True),
        ({"start": [[1], [2]]}, True),
        ({"start": {"x": None}}, False),
        ({"box": {"x": [0, 1]}}, True),
        ({"box": 3}, False),
        ({"hidden": [3, 0]}, False),
        ({"hidden": "3,2"}, True),
        ({"method": "pure"}, True),
        ({"method": "newtn"}, False),
        ({"missing": None}, False),
        ({"max-iterations": -1}, False),
        ({"order": 1.5}, False),
        ({"maximize": "yes"}, False),
        ({"max_iterations": 1}, False),
        ({"$schema": "problem.schema.json"}, True),
    ],
)
def test_schema_and_loader_agree(entry: dict[str, Any], valid: bool) -> None:
    document = {"function": "x", **entry}
    assert accepted_by_schema(document) == accepted_by_loader(document) == valid


def test_the_schema_beside_the_samples_is_the_present_one() -> None:
    assert json.loads((SAMPLES / "problem.schema.json").read_text(encoding="utf-8")) == problem_schema()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_samples_follow_the_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=problem.schema.json\n")
    VALIDATOR.validate(YAML(typ="safe", pure=True).load(text))
