"""What a client says it can read (header delta-sharing-capabilities), and the response format that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from opendata_sharing.delta_log import Action
from opendata_sharing.errors import invalid, unsupported

_VECTORS = "deletionVectors"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """A client's formats and reader features, lower case, and whether it takes an endStreamAction line."""

    formats: tuple[str, ...] = ("parquet",)
    features: frozenset[str] = frozenset()
    end_stream_action: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an answer: `format` parquet or delta, and the kind of its file ids."""

    format: str
    file_ids: str


def said_capabilities(header: str | None) -> Capabilities:
    """The capabilities of a header such as responseformat=delta,parquet;readerfeatures=deletionvectors.

    What isn't known, asyncquery for one, is passed over, as the protocol asks. No header means parquet.
    """
    said: dict[str, str] = {}
    for part in (header or "").split(";"):
        name, _, value = part.partition("=")
        said[name.strip().lower()] = value.strip().lower()
    formats = tuple(word.strip() for word in said.get("responseformat", "").split(",") if word.strip()) or ("parquet",)
    features = frozenset(word.strip() for word in said.get("readerfeatures", "").split(",") if word.strip())
    return Capabilities(formats, features, said.get("includeendstreamaction") == "true")


def readable_protocol(protocol: Action, *, has_vectors: bool) -> Action:
    """The protocol that a reader must know for what an answer names.

    A table that may have deletion vectors, and has none in what is asked for, is read as one that can't have any.
    """
    features = protocol.get("readerFeatures")
    if has_vectors or not isinstance(features, list):
        return protocol
    left = [feature for feature in features if feature != _VECTORS]
    if left:
        return {**protocol, "readerFeatures": left}
    # Writer version 4 is the first with a change data feed, and the clients' kernel reads no changes below it.
    return {"minReaderVersion": 1, "minWriterVersion": 4}


def needed_features(protocol: Action, metadata: Action) -> frozenset[str]:
    """The reader features that one must have for a table, lower case."""
    features = protocol.get("readerFeatures")
    needed = {str(feature).lower() for feature in features} if isinstance(features, list) else set()
    configuration = metadata.get("configuration") or {}
    if protocol.get("minReaderVersion") == 2 or configuration.get("delta.columnMapping.mode", "none") != "none":
        needed.add("columnmapping")
    return frozenset(needed)


def negotiated(capabilities: Capabilities, file_ids: str | None, protocol: Action, metadata: Action) -> Form:
    """The form of the answer for that client and table: parquet where both can, else delta.

    Raises:
        CallRefused: 400, the client can't read this table, or asks for file ids of a kind that isn't known.
    """
    needed = needed_features(protocol, metadata)
    formats = [name for name in capabilities.formats if name in ("parquet", "delta")]
    if not formats:
        raise invalid("responseformat must be parquet or delta")
    if needed:
        if "delta" not in formats or needed - capabilities.features:
            features = ",".join(sorted(needed))
            raise unsupported(
                f"this table needs the reader features {features}: send delta-sharing-capabilities: "
                f"responseformat=delta;readerfeatures={features}"
            )
        formats = ["delta"]
    chosen = "parquet" if "parquet" in formats else "delta"
    if file_ids is not None and file_ids.lower() not in ("parquet", "delta"):
        raise invalid("fileidhash must be parquet or delta")
    return Form(chosen, file_ids.lower() if file_ids else chosen)
