"""Shapes to report to words a steward understands; which nodes a patch can affect."""
