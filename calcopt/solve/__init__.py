"""Solvers: one driver loop, one method a file, honest stopping tests. They see an Objective only."""
