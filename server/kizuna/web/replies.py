"""A reply of the endpoint as header fields and a body, and who asks: what Flask's rooms and the lane share. Pure."""

from __future__ import annotations

import re
from typing import Final

from kizuna.engine.types import View
from kizuna.sparql.endpoint import Reply
from kizuna.web.coding import WORTH_IT, Coding, coded_bytes, coding_for

EXPOSED: Final = (
    "Content-Disposition, ETag, Kizuna-Added, Kizuna-As-Of, Kizuna-Cache, Kizuna-Query-Id, Kizuna-Removed, "
    "Kizuna-Revision, Kizuna-Row-Limit, Kizuna-Rows, Kizuna-Seconds, Kizuna-Time-Limit, Kizuna-Truncated, Link, "
    "Location, Retry-After, Server-Timing"
)
OPEN: Final = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED}
"""Scripts of any origin may read the endpoint (W3C Fetch, CORS protocol): no cookie or token is involved."""
MET: Final = "kizuna.met"
"""Key of the WSGI environment: what the lane has met with this request already, a Reply or the error to report."""
BEGUN: Final = "kizuna.begun"
"""Key of the WSGI environment: when work on this request began, by time.perf_counter."""
_CLIENT: Final = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")


def visitor(address: str | None, given: str) -> str:
    """Who asks, where there is no account.

    Args:
        address: where the request comes from.
        given: the `Kizuna-Client` field, "" when absent.
    """
    known = address or "unknown"
    return f"{known}/{given}" if _CLIENT.match(given) else known


def fields(reply: Reply, view: View) -> dict[str, str]:
    """The header fields that tell of a reply, but for coding and length."""
    charset = "; charset=utf-8" if reply.media_type.startswith("text/") else ""
    told = {
        "Content-Type": reply.media_type + charset,
        "Vary": "Accept, Accept-Encoding, Accept-Language",
        "Cache-Control": "no-cache" if reply.etag else "no-store",
        "Kizuna-As-Of": view.as_of.isoformat(),
    }
    if reply.etag:
        told["ETag"] = reply.etag
    given = reply.answer
    if given is None:
        return told
    told["Kizuna-Truncated"] = "true" if given.truncated else "false"
    if given.rows is not None:
        told["Kizuna-Rows"] = str(given.rows)
    if reply.limits.rows is not None:
        told["Kizuna-Row-Limit"] = str(reply.limits.rows)
    told["Kizuna-Time-Limit"] = f"{reply.limits.seconds:g}"
    told["Kizuna-Seconds"] = f"{given.seconds:.6f}"
    told["Kizuna-Cache"] = "hit" if reply.cached else "miss"
    told["Server-Timing"] = f"worker;dur={given.seconds * 1000:.3f}"
    return told


def coded(body: bytes, accepted: str | None) -> tuple[bytes, Coding | None]:
    """A body as it is sent: coded when that is worth it and the client takes it. The coding's name, or None.

    Args:
        body: the plain bytes.
        accepted: the Accept-Encoding field.
    """
    coding = coding_for(accepted) if len(body) >= WORTH_IT else None
    return (body, None) if coding is None else (coded_bytes(coding, body), coding)
