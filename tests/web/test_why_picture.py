"""A proof is drawn as a small graph beside its sentences: each step once, every line to the right, nothing over another."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kizuna.atlas.why import Part, Statement, WhyPage, WhyStep
from kizuna.atlas.why_picture import MOST_STEPS, WIDTH, fitting, picture_of

ASKED = "s=state:PHL&p=rdf:type&o=k:JapanAccessPartner"
SVG = "{http://www.w3.org/2000/svg}"


def step(number: int, rests_on: tuple[int, ...]) -> WhyStep:
    said = Statement(Part("a", "a"), Part("p", "p"), Part("b", "b"), f"step {number} " * 4)
    kind = "derived" if rests_on else "stated"
    return WhyStep(number, kind, said, "", None, None, "rule" if rests_on else "", "", rests_on, (), (), ())


@st.composite
def proofs(draw: st.DrawFn) -> WhyPage:
    """A proof of any shape: each step rests on some before it, and all serve the last one."""
    count = draw(st.integers(2, 14))
    steps: list[WhyStep] = []
    used: set[int] = set()
    for number in range(1, count):
        below = draw(st.sets(st.integers(1, number - 1), max_size=3)) if number > 1 else set()
        used |= below
        steps.append(step(number, tuple(sorted(below))))
    steps.append(step(count, tuple(n for n in range(1, count) if n not in used)))
    return WhyPage(steps[-1].statement, "en", tuple(steps), (), True)


@given(proofs())
def test_every_step_is_drawn_once_and_lines_lead_to_the_right_to_what_is_rested_on(page: WhyPage) -> None:
    drawn = picture_of(page)
    assert drawn
    boxes = {box.number: box for box in drawn.boxes}
    assert set(boxes) == set(page.by_number)
    assert len(drawn.bows) == sum(len(each.rests_on) for each in page.steps)
    assert all(bow.x1 < bow.x2 for bow in drawn.bows)
    for box in drawn.boxes:
        assert box.x >= 0
        assert box.x + WIDTH <= drawn.width
        assert box.y + box.height <= drawn.height
        for other in drawn.boxes:
            apart = (
                abs(box.x - other.x) >= WIDTH
                or box.y + box.height <= other.y
                or other.y + other.height <= box.y
            )
            assert apart or box is other


@given(st.text(max_size=300), st.integers(1, 5))
def test_words_fit_into_the_box(text: str, most: int) -> None:
    lines = fitting(text, most)
    assert 1 <= len(lines) <= most


def test_a_long_text_is_cut_with_an_ellipsis_and_full_width_breaks_anywhere() -> None:
    assert fitting("word " * 60, 2)[-1].endswith("…")
    assert len(fitting("日本国とフィリピン共和国との間の部隊間協力円滑化協定に関する経過", 3)) == 2


def test_a_proof_too_long_or_too_short_is_told_only() -> None:
    one = step(1, ())
    assert picture_of(WhyPage(one.statement, "en", (one,), (), True)) is None
    many = [step(n, ()) for n in range(1, MOST_STEPS + 1)]
    last = step(MOST_STEPS + 1, tuple(range(1, MOST_STEPS + 1)))
    assert picture_of(WhyPage(last.statement, "en", (*many, last), (), True)) is None


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_draws_the_proof_beside_its_sentences(client: FlaskClient, language: str) -> None:
    html = client.get(f"/why?{ASKED}&lang={language}").text
    steps = len(client.get(f"/why.json?{ASKED}").get_json()["page"]["steps"])
    drawn = html.split('class="why-picture"')[1].split("</svg>")[0]
    assert len(set(re.findall(r'href="#step-(\d+)"', drawn))) == steps
    assert all(f'id="step-{number}"' in html for number in range(1, steps + 1))
    assert "style=" not in drawn  # the policy forbids it


def test_the_drawing_is_a_file_of_its_own(client: FlaskClient) -> None:
    answer = client.get(f"/why.svg?{ASKED}&lang=en")
    assert answer.content_type.startswith("image/svg+xml")
    drawing = ElementTree.fromstring(answer.data)  # noqa: S314 (our own output)
    assert drawing.tag == f"{SVG}svg"
    assert len(drawing.findall(f".//{SVG}rect")) > 3
    assert "Name a statement" in client.get("/why.svg?lang=en").text
    assert client.get("/why.svg?s=state:PHL&p=rdf:type&o=k:Framework").status_code == 404
