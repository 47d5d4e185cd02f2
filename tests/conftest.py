"""What holds for all tests: how they end is decided by the code, not by how fast or busy the machine is, nor by chance."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The same examples in every run, however long one takes. `pytest --hypothesis-profile=explore` looks for others.
settings.register_profile(
    "same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")
