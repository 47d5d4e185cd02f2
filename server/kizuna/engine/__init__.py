"""Keeper, workers and limits: the one interface through which everything asks for RDF."""
