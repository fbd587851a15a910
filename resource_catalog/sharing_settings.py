"""How an agency shares with other bureaus: `targets.sharing` of agency.yaml."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from resource_catalog.strict_model import Model

_OBJECT_NAMES = {
    "bucket": "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "prefix": "([A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)?",
    "endpoint": "(https?://[^@?#\\s]+)?",
}


class ObjectStore(Model):
    """A bucket that has the shared tables; the keys to it are in the environment (AWS_ACCESS_KEY_ID and so on)."""

    bucket: str = Field(
        description="its name; without versions of its objects, for what is withdrawn must be gone",
        json_schema_extra={"pattern": f"^{_OBJECT_NAMES['bucket']}$"},
    )
    prefix: str = Field(
        "",
        description="what the keys in it begin with; one store alone has it",
        json_schema_extra={"pattern": f"^{_OBJECT_NAMES['prefix']}$"},
    )
    endpoint: str = Field(
        "",
        description="address of a store that isn't Amazon's own, with the bucket in its path",
        json_schema_extra={"pattern": f"^{_OBJECT_NAMES['endpoint']}$"},
    )
    region: str = Field("us-east-1", description="region of the bucket, which signatures name")
    addresses: Literal["gateway", "presigned"] = Field(
        "gateway",
        description="how bureaus get files: through the sharing server, which refuses a removed grant at once, or by "
        "presigned addresses of the store itself, which stay good until they end, 15 minutes by default",
    )
    single_writer: bool = Field(
        False,
        description="whether this home alone writes there: needed of a store that overwrites where it was told not to",
    )

    @field_validator("bucket", "prefix", "endpoint")
    @classmethod
    def _is_named_right(cls, value: str, info: ValidationInfo) -> str:
        pattern = _OBJECT_NAMES[str(info.field_name)]
        if not re.fullmatch(pattern, value) or ".." in value:
            raise ValueError(f"{info.field_name} must have the form {pattern}")
        return value.rstrip("/")


class SharingTarget(Model):
    """The sharing platform for other bureaus."""

    endpoint: str = Field(
        "http://127.0.0.1:8001/delta-sharing",
        description="address of the sharing server, as bureaus reach it; it stands in their profile files",
        json_schema_extra={"pattern": "^https?://"},
    )
    token_days: int = Field(90, ge=1, le=366, description="days after which a bureau's token expires")
    rotation_overlap_days: int = Field(
        7, ge=0, le=90, description="days for which the old token stays good after a rotation"
    )
    expiry_warning_days: int = Field(14, ge=0, le=366, description="days before its end that an expiry is warned of")
    grant_days: int = Field(365, ge=1, le=3660, description="days after which a grant expires, unless it says another")
    decision_rule: str = Field(
        "sharing-answer",
        description="the deadline rule by which needs are decided; where there is none of the name, 10 working days",
    )
    notice_days: int = Field(
        1, ge=0, le=366, description="days that lie at least between an announcement and the change that it announces"
    )
    enabled: bool = Field(True, description="whether datasets with the channel sharing are shared with other bureaus")
    keep_days: int = Field(
        30, ge=1, le=3660, description="days for which a version can still be read once another follows it"
    )
    address_hours: int = Field(
        24, ge=1, le=24 * 31, description="hours that an address of a file lives at most; its file stays for as long"
    )
    deletion_vectors: bool = Field(
        True,
        description="whether rows of large tables may be marked as gone (Delta's deletion vectors, reader version 3) "
        "rather than their files be written anew",
    )
    objects: ObjectStore | None = Field(
        None, description="the bucket of an S3 store that has the shared tables; without it they lie in the home"
    )

    @field_validator("endpoint")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if not re.match(r"^https?://", value):
            raise ValueError("endpoint must begin with http:// or https://")
        return value.rstrip("/")
