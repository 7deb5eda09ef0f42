"""``calcopt schema``: the JSON Schema of problem files."""

from __future__ import annotations

from calcopt.cli.environment import Environment
from calcopt.cli.types import Job


def schema() -> Job:
    """The JSON Schema of problem files, for editors that check YAML and JSON while you type.

    \b
    calcopt schema > problem.schema.json
    """

    def job(environment: Environment) -> int:
        import json

        from calcopt.problem.schema_json import problem_schema

        environment.stdout.write(json.dumps(problem_schema(), indent=2, ensure_ascii=False) + "\n")
        environment.stdout.flush()
        return 0

    return job
