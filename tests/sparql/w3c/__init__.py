"""Runs W3C-style SPARQL manifests over HTTP against a running server. `python -m tests.sparql.w3c --help`."""
