"""``calcopt verify``: a saved certificate checked again in other arithmetic."""

from __future__ import annotations

from typing import Annotated

import typer

from calcopt.cli.environment import Environment
from calcopt.cli.options import OutputOptions
from calcopt.cli.output import Output
from calcopt.cli.sharing import expand_options
from calcopt.cli.types import Job

Certificate = Annotated[
    str, typer.Argument(metavar="CERTIFICATE", help="What classify-critical --json wrote; - is standard input.")
]


@expand_options
def verify(certificate: Certificate, output: OutputOptions) -> Job:
    """Prove every certified point of a saved answer again, by Arb (python-flint) or, without it, by mpmath.iv.

    \b
    calcopt classify-critical 'sin(x)*y + x^2' --box -1..1 --json > certificate.json
    calcopt verify certificate.json
    """

    def job(environment: Environment) -> int:
        from calcopt.api.verify import verify as check

        sink = Output(output, environment)
        text, source = _read(certificate, environment)
        return sink.finish(check(text, source=source))

    return job


def _read(path: str, environment: Environment) -> tuple[str, str]:
    from calcopt.errors import FileError

    source = "standard input" if path == "-" else path
    try:
        if path == "-":
            raw = environment.stdin.read()
        else:
            with open(path, "rb") as stream:
                raw = stream.read()
        return raw.decode("utf-8-sig"), source
    except UnicodeDecodeError:
        raise FileError("this is not UTF-8 text", source) from None
    except OSError as error:
        raise FileError((error.strerror or "cannot be read").lower(), source) from None
