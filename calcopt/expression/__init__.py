"""The expression language: text ⇄ an immutable tree. No SymPy, no NumPy, nothing is ever evaluated."""

from calcopt.expression.expand import expand_sums
from calcopt.expression.source import parse, parse_system, parse_value
from calcopt.expression.values import constant_value, exact_value

__all__ = ["constant_value", "exact_value", "expand_sums", "parse", "parse_system", "parse_value"]
