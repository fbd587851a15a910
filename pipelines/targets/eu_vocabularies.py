"""The EU's controlled vocabularies (op.europa.eu/web/eu-vocabularies), and what the catalogue's words are in them."""

from __future__ import annotations

import re

from resource_catalog.vocabulary import UpdateCycle

AUTHORITY = "http://publications.europa.eu/resource/authority"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types"
TABLE_SCHEMA = "https://specs.frictionlessdata.io/table-schema/"

FREQUENCIES = {
    UpdateCycle.REALTIME: "UPDATE_CONT", UpdateCycle.DAILY: "DAILY", UpdateCycle.WEEKLY: "WEEKLY",
    UpdateCycle.MONTHLY: "MONTHLY", UpdateCycle.QUARTERLY: "QUARTERLY", UpdateCycle.HALF_YEARLY: "ANNUAL_2",
    UpdateCycle.YEARLY: "ANNUAL", UpdateCycle.IRREGULAR: "IRREG", UpdateCycle.NEVER: "NEVER",
}  # fmt: skip
LANGUAGES = {"zh": "ZHO", "en": "ENG", "fr": "FRA", "de": "DEU", "es": "SPA", "pt": "POR", "ja": "JPN", "ru": "RUS"}
#: The EU's file types; it has none for JSON Lines, whose nearest is JSON (the media type says which).
FILE_TYPES = {"csv": "CSV", "xlsx": "XLSX", "jsonl": "JSON", "parquet": "PARQUET"}


_CREATIVE_COMMONS = {
    "by": "BY", "by-sa": "BYSA", "by-nd": "BYND", "by-nc": "BYNC", "by-nc-sa": "BYNCSA", "by-nc-nd": "BYNCND",
}  # fmt: skip
#: The EU's terms of the licences that open data has most, by address without scheme and what follows the version.
LICENCES = {
    f"creativecommons.org/licenses/{name}/{version}": f"CC_{code}_{version.replace('.', '_')}"
    for name, code in _CREATIVE_COMMONS.items()
    for version in ("1.0", "2.0", "2.5", "3.0", "4.0")
} | {
    "creativecommons.org/publicdomain/zero/1.0": "CC0",
    "creativecommons.org/publicdomain/mark/1.0": "CC_PDM_1_0",
    "opendatacommons.org/licenses/by/1.0": "ODC_BY",
    "opendatacommons.org/licenses/odbl/1.0": "ODC_BL",
    "opendatacommons.org/licenses/pddl/1.0": "ODC_PDDL",
}


def licence_term(address: str) -> str:
    """The EU's term of the licence at an address, else the address itself."""
    plain = re.sub(r"(/(legalcode|deed)(\.[\w-]+)?)?/?$", "", address.partition("://")[2].removeprefix("www."))
    return f"{AUTHORITY}/licence/{LICENCES[plain]}" if plain in LICENCES else address


def is_web_address(address: str) -> bool:
    """Whether an address may become an IRI: http(s), and no character that RDF forbids there."""
    return re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", address) is not None


def language_codes(*tags: str) -> list[str]:
    """The EU's codes of the languages of BCP 47 tags, each once; what it doesn't know is left out."""
    primary = (tag.split("-")[0] for tag in tags)
    return list(dict.fromkeys(LANGUAGES[code] for code in primary if code in LANGUAGES))
