"""Records become tables, JSON, CSV, LaTeX and plain answers. No mathematics."""
