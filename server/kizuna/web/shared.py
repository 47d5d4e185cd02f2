"""How `kizuna serve` tells its web processes what they share: names of variables. Pure constants.

They stand apart because prometheus_client decides when it is imported whether counts are shared, and because the command needs no
web application to start one.
"""

from __future__ import annotations

from typing import Final

SHARED_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which web processes share their counts (prometheus_client). Set by `kizuna serve`."""

SOCKET_VARIABLE: Final = "KIZUNA_ENGINE_SOCKET"
"""Names the keeper's socket to web processes. Set by `kizuna serve`; not an operator's setting."""
