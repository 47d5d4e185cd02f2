"""What the pages of a view share, read before anybody waits for it: the tables of the whole view, one after the other.

Each is remembered where it is read (`Reader.kept`, `Reader.rows`); to read it is all that this does. Pure over a Reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kizuna.atlas.activity import read_activities
from kizuna.atlas.actor import read_actor
from kizuna.atlas.actors import read_actors
from kizuna.atlas.agenda import read_agenda
from kizuna.atlas.agreement_facts import read_facts
from kizuna.atlas.agreements import AgreementFilter, read_agreements
from kizuna.atlas.calendar import read_calendar
from kizuna.atlas.changes import FEED, newest_changes
from kizuna.atlas.compare import read_states, read_ties
from kizuna.atlas.domain import read_tree
from kizuna.atlas.home import read_home
from kizuna.atlas.instrument import read_instruments
from kizuna.atlas.map import read_choices, read_map
from kizuna.atlas.map_colour import Colouring
from kizuna.atlas.matrix import MatrixFilter, read_matrix
from kizuna.atlas.neighbourhood import PLAIN
from kizuna.atlas.paths import read_web
from kizuna.atlas.picture import plain_picture
from kizuna.atlas.reader import Reader
from kizuna.atlas.search import read_catalogue
from kizuna.atlas.source import read_sources
from kizuna.atlas.timeline import TimelineFilter, read_belongings, read_timeline
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.settings import LANGUAGES


def read_shared(reader: Reader, words: Vocabulary, principal: str | None) -> Iterator[int]:
    """Read the shared tables, those that most readers ask for first.

    Returns:
        The number of those read, after each, so that the caller can pause between them.

    Raises:
        EngineError: the engine could not answer.
    """
    tables: tuple[Callable[[], Any], ...] = (
        lambda: read_home(reader, words, principal),
        lambda: read_facts(reader),
        lambda: read_ties(reader, words, principal) if principal else None,
        lambda: read_states(reader),
        lambda: read_actors(reader, words, principal),
        lambda: read_choices(reader, words, principal),
        lambda: read_map(reader, words, principal, Colouring("ties")),
        lambda: read_matrix(reader, words, principal, MatrixFilter()),
        lambda: read_agreements(reader, words, AgreementFilter()),
        lambda: read_catalogue(reader, words, principal),
        lambda: read_timeline(reader, words, TimelineFilter()),
        lambda: read_calendar(reader, words, TimelineFilter()),
        lambda: read_belongings(reader),
        lambda: read_sources(reader, words),
        lambda: read_web(reader),
        lambda: read_tree(reader),
        lambda: read_activities(reader, words),
        lambda: read_instruments(reader, words),
        lambda: read_agenda(reader, words),
        lambda: newest_changes(reader, words, reader.view.as_of, None, FEED),
        lambda: read_actor(reader, words, principal, principal) if principal else None,
        *(
            lambda most=most, code=code: (
                plain_picture(reader, words, principal, most, code) if principal else None
            )
            for most in PLAIN
            for code in LANGUAGES
        ),
    )
    for number, read in enumerate(tables, start=1):
        read()
        yield number
