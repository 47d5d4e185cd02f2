"""What the benchmarks of readers tell of requests that were not answered: what came instead, and how often."""

from __future__ import annotations

from benchmarks.serving import Refusals, told


def test_a_problem_is_told_by_its_code_and_words() -> None:
    body = '{"code": "engine-busy", "status": 503, "detail": "10 秒待ちました。"}'.encode()
    assert told(503, body) == "503 engine-busy: 10 秒待ちました。"


def test_a_page_is_told_by_the_words_of_its_middle() -> None:
    page = b"<html><head><title>x</title></head><body><nav>menu</nav><main id='m'><h1>Too slow</h1>\n<p>Try again.</p></main>"
    assert told(503, page) == "503 Too slow Try again."


def test_what_is_no_text_is_told_all_the_same() -> None:
    assert told(500, b"\xff\x00") == "500 \ufffd\x00"
    assert told(502, b"") == "502"


def test_the_most_frequent_refusal_comes_first() -> None:
    assert str(Refusals({"429 a": 1, "503 b": 3}, 40)) == "40 answered; 3 times 503 b; 1 times 429 a"
