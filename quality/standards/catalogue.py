"""The table of all standards by the name that a field's `standard` has: add a standard's module here."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from quality.cells import column
from quality.standards import (
    bank_card,
    division_code,
    email,
    industry_code,
    mobile,
    organisation_code,
    passport,
    plate,
    registration_number,
    resident_id,
    uscc,
)
from quality.standards.record_day import record_day
from quality.standards.standard import Cell, Standard
from quality.table import form_column, text_column
from resource_catalog.table_schema import SchemaField, TableSchema

STANDARDS: Mapping[str, Standard] = {
    "uscc": uscc.STANDARD,
    "organisation-code": organisation_code.STANDARD,
    "resident-id": resident_id.STANDARD,
    "registration-number": registration_number.STANDARD,
    "division-code": division_code.STANDARD,
    "industry-code": industry_code.STANDARD,
    "mobile": mobile.STANDARD,
    "bank-card": bank_card.STANDARD,
    "plate": plate.STANDARD,
    "passport": passport.STANDARD,
    "email": email.STANDARD,
}


def standard_of(field: SchemaField) -> Standard | None:
    """The standard that a field's values must meet; None where it names none that there is."""
    meant = field.meant_standard
    return STANDARDS[meant.name] if meant else None


def cell_of(field: SchemaField, schema: TableSchema) -> Cell:
    """A field's value in CELLS, and how it is to be judged."""
    return Cell(
        text=column(text_column(field.name)),
        form=column(form_column(field.name)),
        day=record_day(schema.field(field.standard_date)) if field.standard_date else None,
        legacy=field.standard_legacy,
        edition=field.meant_standard.edition if field.meant_standard else "",
    )


def form_of(field: SchemaField) -> exp.Expr | None:
    """A value's standard form, over the field's text; None where the field names no standard."""
    standard = standard_of(field)
    return standard.form(column(text_column(field.name))) if standard else None


def faults_of(field: SchemaField, schema: TableSchema) -> exp.Expr | None:
    """A value's faults in bits, over its standard form; None where the field names no standard."""
    standard = standard_of(field)
    return standard.bits(cell_of(field, schema)) if standard else None
