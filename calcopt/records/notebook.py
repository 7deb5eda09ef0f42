"""How records look in a notebook: small HTML tables of escaped text."""

from __future__ import annotations

from collections.abc import Sequence


def short(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]], below: str) -> str:
    from html import escape

    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table><p>{escape(below)}</p>"
