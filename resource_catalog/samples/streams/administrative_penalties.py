"""Penalties in the 20 columns of the double-publicity standard of 2015 (发改电〔2015〕806号): decisions up to 2017."""

from __future__ import annotations

from collections.abc import Iterator

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.penalties import penalty_decisions
from resource_catalog.samples.double_publicity import codes_2015, decision_provenance, of_2015
from resource_catalog.samples.stream import PROVENANCE, Delimited, Row, Stream

_COLUMNS = (
    "CF_WSH", "CF_CFMC", "CF_CFLB1", "CF_CFLB2", "CF_SY", "CF_YJ", "CF_XDR_MC", "CF_XDR_SHXYM", "CF_XDR_ZDM",
    "CF_XDR_GSDJ", "CF_XDR_SWDJ", "CF_XDR_SFZ", "CF_FR", "CF_JG", "CF_JDRQ", "CF_XZJG", "CF_ZT", "DFBM", "SJC", "BZ",
    "authority_code", "party_code", *PROVENANCE,
)  # fmt: skip


def _rows(city: City) -> Iterator[Row]:
    for one in of_2015(penalty_decisions(city)):
        party = one.party
        row_id = f"CF{one.number:08d}-{party.place}"
        yield (
            one.document_number,
            one.title,
            one.kinds[0],
            one.kinds[1] if len(one.kinds) > 1 else None,
            one.facts,
            one.basis,
            party.name,
            *codes_2015(party),
            party.representative,
            one.result,
            one.decided_on,
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
_FORM = Delimited("administrative-penalties.csv", encoding="gb18030", titles=False, dates="%Y/%m/%d")
STREAM = Stream("administrative-penalties", _COLUMNS, _FORM, _rows)
