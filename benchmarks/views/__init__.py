"""Measurements of the views."""
