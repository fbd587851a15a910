"""Permits in the 18 columns of the double-publicity standard of 2015 (发改电〔2015〕806号): decisions up to 2017."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.licences import licence_decisions
from resource_catalog.samples.double_publicity import codes_2015, decision_provenance, of_2015
from resource_catalog.samples.stream import PROVENANCE, Delimited, Row, Stream

_COLUMNS = (
    "XK_WSH", "XK_XMMC", "XK_SPLB", "XK_NR", "XK_XDR", "XK_XDR_SHXYM", "XK_XDR_ZDM", "XK_XDR_GSDJ", "XK_XDR_SWDJ",
    "XK_XDR_SFZ", "XK_FR", "XK_JDRQ", "XK_JZQ", "XK_XZJG", "XK_ZT", "DFBM", "SJC", "BZ", "authority_code", "party_code",
    *PROVENANCE,
)  # fmt: skip


def _rows(city: City) -> Iterator[Row]:
    for one in of_2015(licence_decisions(city)):
        party = one.party
        row_id = f"XK{one.number:08d}-{party.place}"
        yield (
            one.document_number,
            one.title,
            one.category,
            one.content,
            party.name,
            *codes_2015(party),
            party.representative,
            one.decided_on,
            one.ends_on,
            one.authority.name,
            one.state.code,
            city.words["place_code"],
            one.published_on,
            one.state.remark or None,
            one.authority.code,
            party.code,
            *decision_provenance(row_id, one.decided_on, one.published_on, one.state),
        )


#: As registries export: the standard's codes as headings, dates with slashes.
_FORM = Delimited("administrative-licences.csv", encoding="gb18030", titles=False, dates="%Y/%m/%d")
STREAM = Stream("administrative-licences", _COLUMNS, _FORM, _rows)
