"""SPARQL protocol, guard, result formats, graph store, service description."""
