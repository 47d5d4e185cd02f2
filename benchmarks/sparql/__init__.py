"""The endpoint over HTTP against other SPARQL servers, in one run: `python -m benchmarks sparql`."""
