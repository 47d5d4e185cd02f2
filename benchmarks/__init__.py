"""Measurements that belong to the product: each compares two things in one run and prints ratios.

A benchmark is a module below this package with a function `run()` that prints what it measured.
"""
