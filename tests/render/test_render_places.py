"""What people see of places without a derivative and of the study, to the letter."""

from __future__ import annotations

import pytest
from test_render_people import check, shown

from calcopt import differentiate

EXAMPLES = {
    "places-product": "x*exp(x)",
    "places-corner": "|x^2 - 1|",
    "places-poles": "tan(x)",
    "places-edges": "log(x)/(x - 1)",
    "places-set": "|x + y|",
    "places-norm": "sqrt(x^2 + y^2)",
    "places-not-complete": "x*floor(x)",
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_places_at_80_columns(name: str) -> None:
    text = shown(differentiate(EXAMPLES[name], study=None))
    assert max(map(len, text.split("\n"))) <= 80
    check(f"{name}-80", text)


def test_verbose_shows_what_is_smooth_after_all() -> None:
    record = differentiate("x*|x|", study=None)
    assert "smooth" not in shown(record)
    check("places-smooth-verbose", shown(record, verbose=True))
