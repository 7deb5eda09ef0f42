"""Derivatives rule by rule on the formula as it was typed: trees of steps, each of which can be checked."""
