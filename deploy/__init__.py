"""Examples for running Kizuna as a service or a container, and a script that tries the latter without an engine."""
