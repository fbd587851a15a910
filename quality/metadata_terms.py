"""Terms of the vocabularies that MQA holds metadata against, as far as open data uses them."""

from __future__ import annotations

_AUTHORITY = "http://publications.europa.eu/resource/authority"
#: What the EU's terms begin with, and those of IANA.
FILE_TYPE, LICENCE = f"{_AUTHORITY}/file-type/", f"{_AUTHORITY}/licence/"
MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"

ACCESS_RIGHTS = frozenset(f"{_AUTHORITY}/access-right/{code}" for code in ("PUBLIC", "RESTRICTED", "NON_PUBLIC"))
#: File types in data.europa's lists edp-non-proprietary-format and edp-machine-readable-format; neither has Parquet.
NON_PROPRIETARY = frozenset(
    {
        "BMP", "CSV", "DBF", "GEOJSON", "GZIP", "HTML", "ICS", "JPEG2000", "JSON", "JSON_LD", "KML", "KMZ", "NETCDF",
        "ODS", "PNG", "RDF_N_QUADS", "RDF_N_TRIPLES", "RDF_TRIG", "RDF_TURTLE", "RDF_XML", "RSS", "RTF", "TAR", "TIFF",
        "TSV", "TXT", "WMS_SRVC", "XML", "ZIP",
    }
)  # fmt: skip
MACHINE_READABLE = frozenset(
    {
        "CSV", "GEOJSON", "ICS", "JSON", "JSON_LD", "KML", "KMZ", "NETCDF", "ODS", "RDFA", "RDF_N_QUADS",
        "RDF_N_TRIPLES", "RDF_TRIG", "RDF_TURTLE", "RDF_XML", "RSS", "SHP", "XLS", "XLSX", "XML",
    }
)  # fmt: skip
#: Of the media types that IANA has registered those that tables come in; application/x-ndjson is not registered.
REGISTERED_MEDIA_TYPES = frozenset(
    {
        "application/geo+json", "application/gml+xml", "application/gzip", "application/json", "application/ld+json",
        "application/n-quads", "application/n-triples", "application/pdf", "application/rdf+xml",
        "application/vnd.apache.parquet", "application/vnd.ms-excel", "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.sqlite3",
        "application/xml", "application/zip", "text/csv", "text/html", "text/plain", "text/tab-separated-values",
        "text/turtle", "text/xml",
    }
)  # fmt: skip
