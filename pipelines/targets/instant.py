"""Moments as pages, feeds and DCAT write them; none of them is the moment of rendering."""

from __future__ import annotations

import datetime

from pipelines.handover import Publication

#: Before anything happened: what a feed without events says, since Atom demands a moment.
EPOCH = "1970-01-01T00:00:00+00:00"


def iso_instant(at: datetime.datetime) -> str:
    """The moment in RFC 3339 to the second; one without a zone is UTC."""
    zoned = at if at.tzinfo else at.replace(tzinfo=datetime.UTC)
    return zoned.isoformat(timespec="seconds")


def first_and_last(publication: Publication) -> tuple[str, str]:
    """When the dataset was first published and when it last changed; "" where nothing happened yet."""
    moments = [iso_instant(event.at) for event in publication.history]
    return (moments[-1], moments[0]) if moments else ("", "")


def release_instant(publication: Publication, number: int) -> str:
    """When a release was first published; "" where the history doesn't say."""
    moments = [event.at for event in publication.history if event.release == number and event.act == "published"]
    return iso_instant(moments[-1]) if moments else ""
