"""What pydantic refuses in a YAML file, said by line and key, with what is allowed there."""

from __future__ import annotations

import difflib
import re
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from resource_catalog.yaml_document import KeyPath, YamlDocument, YamlFault, dotted


def explain(model: type[BaseModel], document: YamlDocument, error: ValidationError) -> list[YamlFault]:
    """One fault per key that the model refuses; the members of a union say theirs together."""
    grouped: dict[KeyPath, list[ErrorDetails]] = {}
    for details in error.errors(include_url=False):
        grouped.setdefault(_key_path(document.value, details["loc"]), []).append(details)
    return [_fault(model, document, path, group) for path, group in grouped.items()]


def _key_path(value: Any, location: KeyPath) -> KeyPath:
    """The part of pydantic's location that the file knows, or lacks as a key; the rest names members of a union."""
    path: KeyPath = ()
    for part in location:
        if isinstance(value, dict) and isinstance(part, int):
            continue  # a lone mapping that stands for the list of one
        if isinstance(value, dict):
            path = (*path, part)
            if part not in value:
                break
        elif isinstance(value, tuple) and isinstance(part, int) and part < len(value):
            path = (*path, part)
        else:
            break
        value = value[part]
    return path


def _fault(model: type[BaseModel], document: YamlDocument, path: KeyPath, group: Sequence[ErrorDetails]) -> YamlFault:
    fields = _fields_at(model, path[:-1])
    known = fields.get(str(path[-1])) if path else None
    what, fix = _explanation(group, document.written.get(path), path, fields)
    # A required key that is absent is best shown at the key that makes it required.
    beside = group[0].get("ctx", {}).get("beside")
    line = document.line(*path[:-1], beside) if beside and path not in document.lines else document.line(*path)
    described = f"; {known.description}" if known and known.description else ""
    return YamlFault(what, file=document.file, line=line, key=dotted(path), fix=fix + described)


def _explanation(
    group: Sequence[ErrorDetails], written: str | None, path: KeyPath, fields: Mapping[str, FieldInfo]
) -> tuple[str, str]:
    kind = group[0]["type"]
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), fields, 1)
        question = f"did you mean {near[0]}? " if near else ""
        return "unknown key", f"{question}known here: {', '.join(fields)}"
    if kind == "missing":
        return "the key is missing", "add it"
    if written == "" or group[0]["input"] is None:
        return "the key has no value", "give it one, or delete the line"
    if kind == "string_type" and written is not None:
        return f"must be text, and YAML reads {written} as something else", f'put it in quotes: "{written}"'
    messages = "; or ".join(dict.fromkeys(details["msg"].removeprefix("Value error, ") for details in group))
    if kind == "literal_error":
        return f"{group[0]['input']!r} is not known here", _nearest(str(group[0]["input"]), group[0]["ctx"]["expected"])
    if kind == "required_beside":
        return messages, "give it"
    if kind == "no_variable_name":
        return messages, "name the variable, and put its value into the environment"
    return f"{messages}{_refused(written, group[0]['input']) if path else ''}", "write what is allowed"


def _nearest(given: str, expected: str) -> str:
    words = re.findall(r"'([^']+)'", expected)
    near = difflib.get_close_matches(given, words, 1)
    question = f"did you mean {near[0]}? " if near else ""
    return f"{question}allowed: {', '.join(words)}"


def _refused(written: str | None, given: Any) -> str:
    return f", not {reprlib.repr(written if written is not None else given)}"


def _fields_at(model: type[BaseModel], path: KeyPath) -> dict[str, FieldInfo]:
    """The keys that the model knows in the mapping at a path."""
    fields = _by_key(model)
    for part in path:
        if part in fields:
            inner = next(_models(fields[str(part)].annotation), None)
            fields = _by_key(inner) if inner else {}
    return fields


def _by_key(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {info.alias or name: info for name, info in model.model_fields.items()}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
