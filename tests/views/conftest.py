"""The real engine over the small world that the pages are tested on."""

from __future__ import annotations

from tests.support.fixtures import engine

__all__ = ["engine"]
