"""YAML as the catalogue needs it: safe, no key twice, no aliases, and the line of every value known."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from resource_catalog.yaml_document import KeyPath, YamlDocument, YamlFault, YamlFaults, dotted
from resource_catalog.yaml_explanation import explain

__all__ = ["YamlDocument", "YamlFault", "YamlFaults", "load_yaml", "validate"]

ModelType = TypeVar("ModelType", bound=BaseModel)

#: Far deeper than any file of ours; a parser's stack must not depend on what a file holds.
DEEPEST = 32
_MERGE = "tag:yaml.org,2002:merge"
_PLAIN_COLLECTIONS = (None, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


class _Builder:
    """Builds the value of one document straight from the parser's events, so that aliases never expand."""

    def __init__(self, file: Path, text: str) -> None:
        self.file = file
        self.lines: dict[KeyPath, int] = {}
        self.written: dict[KeyPath, str] = {}
        self.faults: list[YamlFault] = []
        self._loader: Any = yaml.CSafeLoader(text)

    def document(self) -> Any:
        self._loader.get_event()  # the stream's start
        if self._loader.check_event(yaml.StreamEndEvent):
            raise self.fault("the file is empty", line=1, fix="write its keys, or delete it")
        self._loader.get_event()  # the document's start
        value = self._value(())
        self._loader.get_event()  # the document's end
        if not self._loader.check_event(yaml.StreamEndEvent):
            raise self.fault(
                "a second document begins", event=self._loader.peek_event(), fix="keep one document in a file"
            )
        return value

    def fault(self, what: str, *, event: Any = None, line: int | None = None, key: KeyPath = (), fix: str) -> YamlFault:
        at = event.start_mark.line + 1 if event is not None else line
        return YamlFault(what, file=self.file, line=at, key=dotted(key), fix=fix)

    def _value(self, path: KeyPath) -> Any:
        event = self._loader.get_event()
        self.lines.setdefault(path, event.start_mark.line + 1)
        if isinstance(event, yaml.AliasEvent):
            raise self.fault(f"the alias *{event.anchor} is refused", event=event, key=path, fix="write the value out")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if len(path) > DEEPEST:
            raise self.fault("the nesting is too deep", event=event, fix=f"nest at most {DEEPEST} levels")
        if event.tag not in _PLAIN_COLLECTIONS:
            raise self.fault(f"the tag {event.tag} is refused", event=event, key=path, fix="delete it")
        return self._sequence(path) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(path)

    def _scalar(self, event: Any, path: KeyPath) -> Any:
        tag = event.tag or self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag == _MERGE:
            raise self.fault("the merge key << is refused", event=event, key=path, fix="write the keys out")
        node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
        try:
            value = self._loader.construct_object(node)
        except ValueError as error:  # 2017-02-30 has the form of a date and is none
            self.faults.append(
                self.fault(
                    f"{event.value[:40]} can't be read: {error}", event=event, key=path, fix="mend it, or quote it"
                )
            )
            return event.value
        if not isinstance(value, str):
            self.written[path] = event.value
        return value

    def _sequence(self, path: KeyPath) -> tuple[Any, ...]:
        items: list[Any] = []
        while not self._loader.check_event(yaml.SequenceEndEvent):
            items.append(self._value((*path, len(items))))
        self._loader.get_event()
        return tuple(items)

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not self._loader.check_event(yaml.MappingEndEvent):
            key, event = self._key(path)
            here = (*path, key)
            if key in mapping:
                self.faults.append(
                    self.fault(
                        f"the key is there twice, first in line {self.lines[here]}",
                        event=event,
                        key=here,
                        fix="keep one of the two",
                    )
                )
            self.lines.setdefault(here, event.start_mark.line + 1)
            mapping[key] = self._value(here)
        self._loader.get_event()
        return mapping

    def _key(self, path: KeyPath) -> tuple[str, Any]:
        event = self._loader.get_event()
        if not isinstance(event, yaml.ScalarEvent):
            raise self.fault("a key is no plain word", event=event, key=path, fix="write one word before the colon")
        key = self._scalar(event, path)
        if not isinstance(key, str):
            self.faults.append(
                self.fault(
                    f"YAML reads the key {event.value} as no text", event=event, key=path, fix=f'write "{event.value}"'
                )
            )
            return event.value, event
        return key, event


def load_yaml(path: Path) -> YamlDocument:
    """The one document of a YAML 1.1 file in UTF-8, every fault of its form reported.

    Raises:
        YamlFaults: not readable, not UTF-8, no YAML, a key twice, an alias, a merge key, a tag, nested too deep.
    """
    text = _text(path)
    builder = _Builder(path, text)
    try:
        value = builder.document()
    except YamlFault as fault:
        builder.faults.append(fault)
    except yaml.YAMLError as error:
        builder.faults.append(_syntax_fault(path, text, error))
    if builder.faults:
        raise YamlFaults(path, builder.faults)
    return YamlDocument(path, value, builder.lines, builder.written)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise YamlFaults(path, [YamlFault("there is no such file", file=path, fix="write it")]) from error
    except OSError as error:
        raise YamlFaults(path, [YamlFault(f"can't be read: {error.strerror}", file=path, fix="mend that")]) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise YamlFaults(path, [YamlFault("not UTF-8", file=path, line=line, fix="save it as UTF-8")]) from error


def _syntax_fault(path: Path, text: str, error: yaml.YAMLError) -> YamlFault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
    problem = getattr(error, "problem", None) or " ".join(str(error).split())
    indentation = text.split("\n")[line - 1 : line]
    tabbed = any("\t" in row[: len(row) - len(row.lstrip())] for row in indentation)
    fix = "indent with spaces, not tabs" if tabbed else "mend the YAML there"
    return YamlFault(f"no YAML: {problem}", file=path, line=line, fix=fix)


def validate(model: type[ModelType], document: YamlDocument) -> ModelType:
    """The document as an instance of a pydantic model; values are taken as YAML reads them, never converted.

    Raises:
        YamlFaults: every key that the model refuses, with its line and what is allowed there.
    """
    if not isinstance(document.value, dict):
        what = "the file is no mapping of keys to values"
        raise YamlFaults(document.file, [YamlFault(what, file=document.file, line=1, fix="write key: value lines")])
    try:
        return model.model_validate(document.value, strict=True)
    except ValidationError as error:
        raise YamlFaults(document.file, explain(model, document, error)) from error
