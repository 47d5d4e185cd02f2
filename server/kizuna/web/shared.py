"""The name of the folder that web processes count in together. Pure constant.

It stands apart because prometheus_client decides when it is imported whether counts are shared.
"""

from __future__ import annotations

from typing import Final

SHARED_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which web processes share their counts (prometheus_client). Set by `kizuna serve`."""
