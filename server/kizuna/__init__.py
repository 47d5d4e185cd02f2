"""Kizuna: a knowledge graph of who cooperates with whom. See docs/ and README.md."""

__version__ = "0.1.0"
