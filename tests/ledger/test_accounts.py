"""Passwords, sessions and tokens: no default, no plain secret on the disk, failures slow down."""

from __future__ import annotations

import time

import pytest

from kizuna.ledger.accounts import ATTEMPTS, AccountError, TooManyAttemptsError
from kizuna.ledger.ledger import Ledger

PASSWORD = "correct horse battery"


def test_a_fresh_ledger_has_no_account_and_nobody_signs_in_without_a_password(ledger: Ledger) -> None:
    assert [account.name for account in ledger.accounts.list()] == ["aoi"]
    for guess in ("", "admin", "aoi", "password"):
        assert ledger.accounts.check("aoi", guess, f"place-{guess}") is None


def test_the_right_password_signs_in_and_is_nowhere_in_the_file(ledger: Ledger) -> None:
    ledger.accounts.add("ren", "steward", password=PASSWORD)
    account = ledger.accounts.check("ren", PASSWORD, "192.0.2.1")
    assert account is not None
    assert account.role == "steward"
    secret = ledger.accounts.open_session("ren")
    _, token = ledger.accounts.add_token("ren", "ci", "propose", 30)
    ledger.database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = ledger.path.read_bytes()
    for known in (PASSWORD, secret, token):
        assert known.encode() not in content


@pytest.mark.parametrize("password", ["short", "ren", ""])
def test_weak_passwords_are_refused(ledger: Ledger, password: str) -> None:
    with pytest.raises(AccountError) as caught:
        ledger.accounts.add("ren", "steward", password=password)
    assert caught.value.code == "weak-password"
    assert len(ledger.accounts.list()) == 1


@pytest.mark.parametrize("name", ["", "Aoi", "a b", "-a", "a/b", "x" * 65])
def test_names_are_plain(ledger: Ledger, name: str) -> None:
    with pytest.raises(AccountError) as caught:
        ledger.accounts.add(name, "reader")
    assert caught.value.code == "bad-name"


def test_failures_are_slowed_down_by_name_and_by_place(ledger: Ledger) -> None:
    ledger.accounts.add("ren", "steward", password=PASSWORD)
    for number in range(ATTEMPTS):
        assert ledger.accounts.check("ren", "wrong", f"place-{number}") is None
    with pytest.raises(TooManyAttemptsError) as caught:
        ledger.accounts.check("ren", PASSWORD, "elsewhere")  # even the right one: it is not looked at
    assert caught.value.retry_after > 1


def test_sessions_end_by_time_by_sign_out_by_a_new_password_and_with_the_account(ledger: Ledger) -> None:
    accounts = ledger.accounts
    accounts.add("ren", "steward", password=PASSWORD)
    for end in (
        lambda secret: accounts.close_session(secret),
        lambda secret: accounts.set_password("ren", PASSWORD + "!", by="ren"),
        lambda secret: accounts.set_active("ren", False, by="aoi"),
    ):
        secret = accounts.open_session("ren")
        found = accounts.of_session(secret)
        assert found is not None
        assert found.name == "ren"
        end(secret)
        assert accounts.of_session(secret) is None
    accounts.set_active("ren", True, by="aoi")
    short = accounts.open_session("ren", seconds=0.01)
    time.sleep(0.02)
    assert accounts.of_session(short) is None


def test_tokens_have_a_scope_and_an_end(ledger: Ledger) -> None:
    accounts = ledger.accounts
    token, secret = accounts.add_token("aoi", "ci", "propose", 1)
    found = accounts.of_token(secret)
    assert found is not None
    assert (found[0].name, found[1].scope) == ("aoi", "propose")
    accounts.revoke_token(token.id, "aoi")
    assert accounts.of_token(secret) is None
    _, brief = accounts.add_token("aoi", "ci", "read", 1e-7)
    time.sleep(0.02)
    assert accounts.of_token(brief) is None
    for days in (0, -1, 1000):
        with pytest.raises(AccountError):
            accounts.add_token("aoi", "x", "read", days)


def test_a_closed_account_signs_in_nobody_and_what_it_held_stays_ended_when_it_opens_again(
    ledger: Ledger,
) -> None:
    accounts = ledger.accounts
    accounts.add("ren", "steward", password=PASSWORD)
    secret = accounts.open_session("ren")
    _, token = accounts.add_token("ren", "ci", "propose", 30)
    accounts.set_active("ren", False, by="aoi")
    assert accounts.check("ren", PASSWORD, "192.0.2.1") is None
    accounts.set_active("ren", True, by="aoi")
    assert accounts.of_session(secret) is None
    assert accounts.of_token(token) is None
    later = accounts.open_session("ren")
    accounts.set_active("ren", True, by="aoi")
    assert accounts.of_session(later) is not None


def test_a_name_is_no_password_however_long_and_whatever_its_case(ledger: Ledger) -> None:
    with pytest.raises(AccountError) as caught:
        ledger.accounts.add("ren.of.the.ministry", "steward", password="Ren.Of.The.Ministry")
    assert caught.value.code == "weak-password"
