"""What a schema says of a field that is masked: by which mask, and in which rows."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

#: The masks that a field may name (standards.md 7); `quality.disclosure.masks` has what they do.
MASKS = ("person-name", "resident-id", "mobile", "phone", "email", "card", "address")


class Mask(BaseModel):
    """How an open field's values are masked for the public, in rows whose other cells are as `where` lists them.

    In JSON a mask without conditions is its name alone. In a condition `""` and null stand for a missing value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    kind: str = Field(alias="as", min_length=1)
    where: dict[str, Annotated[tuple[Any, ...], Field(min_length=1)]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"as": value} if isinstance(value, str) else value

    @model_serializer(mode="wrap")
    def _shortest(self, handler: SerializerFunctionWrapHandler) -> Any:
        return handler(self) if self.where else self.kind
