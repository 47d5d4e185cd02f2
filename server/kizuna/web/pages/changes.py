"""What changed between two days, for all or for one actor, framework or domain; and the same as an Atom feed."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from kizuna.atlas.about import read_about
from kizuna.atlas.changes import FEED, FIRST, SPANS, Change, newest_changes, read_changes, usual_since
from kizuna.atlas.feeds import Feed, FeedEntry, write_atom
from kizuna.atlas.home import actor_name
from kizuna.atlas.terms import Name, local_name, short
from kizuna.web.current import as_of, language, principal, reader, words
from kizuna.web.errors import ProblemError
from kizuna.web.formats import show
from kizuna.web.links import ACTOR_KINDS, page_of
from kizuna.web.marks import marked, sign_of, told
from kizuna.web.pages.paging import start_of
from kizuna.web.state import parse_date
from kizuna.web.unknown import unknown_thing
from kizuna.workspace.names import BASE, ID, NS

room = Blueprint("changes", __name__)
ABOUT = (*ACTOR_KINDS, "framework", "domain")


@room.get("/changes", endpoint="changes")
@room.get("/changes.<form:form>", endpoint="changes_data")
def changes(form: str | None = None) -> Response:
    """What changed from `?from=` to `?to=`, about `?about=KIND/SLUG`."""
    until = parse_date(request.args["to"]) if request.args.get("to") else as_of()
    about, kind = _about(), request.args.get("kind", "")
    since = (
        parse_date(request.args["from"])
        if request.args.get("from")
        else usual_since(reader(), words(), until, about, kind)
    )
    if since > until:
        raise ProblemError("bad-date", gettext("The first day is later than the last."))
    page = read_changes(
        reader(),
        words(),
        since,
        until,
        about,
        kind=kind,
        start=start_of(request.args.get("start")),
        whole=form is not None,
    )
    thing = {"thing": about.iri} if about else {"class": NS + "LifeCycleEvent"}
    return show(
        "changes.html",
        page,
        table=page.lines,
        graph=("describe" if about else "list", thing),
        form=form,
        about=short(about.iri)[3:] if about else None,
        kind=kind,
        tell=tell,
        years=range(as_of().year, as_of().year - 4, -1),
        principal=actor_name(reader(), principal()),
        spans=[
            *((days, (until - timedelta(days=days)).isoformat()) for days in (30, 90, *SPANS)),
            (0, FIRST.isoformat()),
        ],
    )


@room.get("/changes.atom", endpoint="atom")
def atom() -> Response:
    """The newest changes as an Atom feed."""
    about = _about()
    found = marked(tuple(newest_changes(reader(), words(), as_of(), about, FEED)), newest=True)
    place = short(about.iri)[3:] if about else None
    title = (
        gettext("What changed: %(thing)s", thing=about.label(language()))
        if about
        else gettext("What changed")
    )
    feed = Feed(
        id=f"{BASE}feed/changes/{place or 'all'}/{language()}",
        title=f"{title} – Kizuna",
        subtitle=gettext("Agreements, frameworks, negotiations and activities, as far as they are recorded."),
        language=language(),
        address=url_for("changes.atom", about=place, _external=True),
        page=url_for("changes.changes", about=place, _external=True),
        rights="CC BY 4.0",
        updated=as_of(),
        entries=[_entry(change) for change in found],
    )
    return Response(write_atom(feed), content_type="application/atom+xml; charset=utf-8")


def _entry(change: Change) -> FeedEntry:
    what = tell(change)
    thing = change.thing.label(language())
    return FeedEntry(
        id=change.id,
        title=f"{sign_of(change)} {thing}: {what}".strip(),
        updated=change.date.value,
        address=request.host_url.rstrip("/") + page_of(change.thing.iri),
        summary=" · ".join(filter(None, (change.date.text, thing, what, told(change)))),
        category=local_name(change.kind.iri),
    )


def tell(change: Change) -> str:
    """What happened, in words."""
    kind = change.kind.label(language())
    party = change.party.label(language()) if change.party else ""
    if change.side == "from":
        return str(gettext("%(party)s: %(role)s from here on", party=party, role=kind))
    if change.side == "to":
        return str(gettext("%(party)s: no longer %(role)s", party=party, role=kind))
    return str(gettext("%(kind)s (%(party)s)", kind=kind, party=party)) if party else kind


def _about() -> Name | None:
    """The thing of `?about=KIND/SLUG`.

    Raises:
        ProblemError: `bad-filter` or `unknown-thing`.
    """
    given = request.args.get("about", "")
    if not given:
        return None
    kind, _, slug = given.partition("/")
    if kind not in ABOUT or not slug or "/" in slug:
        raise ProblemError(
            "bad-filter", gettext("“%(given)s” is no actor, framework or domain.", given=given[:80])
        )
    try:
        found = read_about(reader(), words(), ID + given)
    except ValueError:
        found = None
    if found is None:
        raise unknown_thing(kind, slug)
    return found.thing
