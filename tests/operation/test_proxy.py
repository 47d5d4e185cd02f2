"""The example for nginx works with a real one: TLS, a sub-path, forwarded fields that nobody can forge."""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.engine.stores import free_port
from tests.support.waiting import PATIENCE, wait_until
from tests.support.world import ROOT, make_workspace

NGINX = [found for found in [shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")] if found]
"""`.ci/run` installs it."""


def configuration(folder: Path, port: int, behind: int) -> str:
    """The example as it stands, with this test's ports and certificate."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    for old, new in (
        ("127.0.0.1:8000", f"127.0.0.1:{behind}"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/kizuna/", f"{folder}/"),
    ):
        assert old in text
        text = text.replace(old, new)
    kept = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{kept}{text}\n}}\n"
    )


def certificate(folder: Path) -> None:
    """A key and a certificate that it has signed itself, where the example looks for them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kizuna.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    form, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "fullchain.pem").write_bytes(signed.public_bytes(form))
    (folder / "key.pem").write_bytes(key.private_bytes(form, serialization.PrivateFormat.PKCS8, plain))


@pytest.fixture(scope="module", params=NGINX)
def proxy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("proxy")
    certificate(folder)
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "kizuna.cli",
            "serve",
            "-w",
            str(make_workspace(folder / "ws")),
            "--port",
            "0",
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "KIZUNA_PROXY_HOPS": "1"},
    )
    assert server.stdout is not None
    behind = int(server.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
    port = free_port()
    (folder / "nginx.conf").write_text(configuration(folder, port, behind))
    nginx = subprocess.Popen([request.param, "-c", str(folder / "nginx.conf"), "-p", str(folder)])

    def answers() -> bool:
        assert nginx.poll() is None
        try:
            return bool(get(port, "/kizuna/health/live"))
        except OSError:
            return False

    wait_until(answers)
    yield port
    for process in (nginx, server):
        process.terminate()
        process.wait(PATIENCE)
    server.stdout.close()


def get(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    connection = HTTPSConnection("127.0.0.1", port, timeout=PATIENCE, context=trusting)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", path, headers={"Host": f"kizuna.example:{port}", **given})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, {name.title(): value for name, value in answer.getheaders()}, body


def test_every_link_of_a_page_stays_below_the_path(proxy: int) -> None:
    status, _, page = get(proxy, "/kizuna/?lang=en")
    assert status == 200
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
    assert len(links) > 10
    assert [link for link in links if not link.startswith("/kizuna/")] == []
    (style, *_) = [link for link in links if ".css" in link]
    assert get(proxy, style)[0] == 200


def test_addresses_in_data_are_those_of_the_outside(proxy: int) -> None:
    _, _, text = get(proxy, "/kizuna/.well-known/void", Accept="text/turtle")
    assert f"https://kizuna.example:{proxy}/kizuna/" in text


def test_the_path_without_its_slash_leads_on(proxy: int) -> None:
    status, headers, _ = get(proxy, "/kizuna")
    assert status == 301
    assert headers["Location"].endswith("/kizuna/")


def test_forged_forwarding_is_thrown_away_and_metrics_stay_inside(proxy: int) -> None:
    forged = {
        "X_Forwarded_For": "127.0.0.1",
        "X_Forwarded_Host": "evil.example",
        "X_Forwarded_Prefix": "/evil",
    }
    _, _, page = get(proxy, "/kizuna/", **forged)
    assert "evil" not in page
    assert get(proxy, "/kizuna/metrics", **forged)[0] == 404


def test_the_proxys_request_id_reaches_the_answer(proxy: int) -> None:
    _, headers, _ = get(proxy, "/kizuna/health/live")
    assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-Id"])


def test_queries_pass(proxy: int) -> None:
    status, _, body = get(proxy, "/kizuna/sparql?query=ASK%7B%7D&format=json")
    assert (status, json.loads(body)["boolean"]) == (200, True)
