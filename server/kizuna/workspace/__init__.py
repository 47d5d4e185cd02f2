"""Reads and writes the four folders of a workspace (ontology, data, shapes, queries); canonical Turtle."""
