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


def is_web_address(address: str) -> bool:
    """Whether an address may become an IRI: http(s), and no character that RDF forbids there."""
    return re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", address) is not None


def language_codes(*tags: str) -> list[str]:
    """The EU's codes of the languages of BCP 47 tags, each once; what it doesn't know is left out."""
    primary = (tag.split("-")[0] for tag in tags)
    return list(dict.fromkeys(LANGUAGES[code] for code in primary if code in LANGUAGES))
