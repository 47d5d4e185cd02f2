"""Whoever signs in is led back to an address of this server, whatever the form was given."""

from __future__ import annotations

import pytest
from flask import Flask, redirect
from hypothesis import given
from hypothesis import strategies as st

from kizuna.web.accounts import within

SITE = Flask(__name__)
SITE.add_url_rule("/desk", endpoint="desk.desk")


def led_to(address: str) -> str:
    """Where a browser goes: it leaves out tabs and line ends, and reads a backslash as a slash (URL Standard, 4.4)."""
    with SITE.test_request_context():
        target = redirect(within(address), 303).headers["Location"]
    return target.translate({9: None, 10: None, 13: None, 92: "/"}).strip()


@pytest.mark.parametrize(
    "away",
    [
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\\evil.example",
        "/\\evil.example",
        "/\x0b/evil.example",
        "//evil.example",
        "\t//evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "",
    ],
)
def test_another_host_becomes_the_desk(away: str) -> None:
    assert led_to(away) == "/desk"


@pytest.mark.parametrize(
    "inside", ["/", "/desk/proposals/1?lang=en&asof=2010-01-01", "/search?q=a b", "/%09/x"]
)
def test_an_address_of_this_server_stays(inside: str) -> None:
    assert led_to(inside).replace("%20", " ") == inside


@given(st.text(st.sampled_from("/\\\t\n\r\x00\x0b\x1f\x7f @:.?#%ae\u3000"), max_size=8))
def test_no_text_leads_to_another_host(text: str) -> None:
    target = led_to(f"/{text}")
    assert target.startswith("/")
    assert not target.startswith("//")
