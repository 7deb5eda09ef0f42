"""The functions behind ``import calcopt``; the command line calls these and nothing below."""
