"""How status, proofs and imports are listed: as lines for people, as a document for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TextIO

from pipelines.handover import Difference, Proof, Status
from pipelines.reporting.words import metadata_words
from pipelines.shares.audit_log import AUDIT_LOG
from resource_catalog.national_template import ImportSummary


def print_proofs(proofs: Sequence[Proof], out: TextIO) -> None:
    """A line per dataset and target, its faults below it."""
    for proof in proofs:
        word = "DIFFERS" if proof.faults else "as written" if proof.dataset == AUDIT_LOG else "as released"
        points = f", metadata {metadata_words(proof.metadata.document).en}" if proof.metadata else ""
        out.write(f"{proof.dataset}  {proof.target}  {word}  {proof.files} files, {proof.bytes} bytes{points}\n")
        for fault in proof.faults:
            out.write(f"    {fault}\n")
    bad = sorted({proof.dataset for proof in proofs if proof.faults and proof.dataset != AUDIT_LOG})
    out.write(f"{len(proofs)} verified, {sum(bool(proof.faults) for proof in proofs)} differ\n")
    if bad:
        # By name: publish takes the targets' word for a dataset that is not named, and reads every byte of one that is.
        out.write(f"→ run `opendata publish {' '.join(bad)}` to put back what was released\n")
    if any(proof.faults for proof in proofs if proof.dataset == AUDIT_LOG):
        out.write("→ keep the audit log's file as evidence, and put its newest backup in its place\n")


def proofs_document(proofs: Sequence[Proof]) -> dict[str, Any]:
    """The proofs for `--json`."""
    return {"proofs": [_proof_document(proof) for proof in proofs]}


def _proof_document(proof: Proof) -> dict[str, Any]:
    return {**asdict(proof), "metadata": proof.metadata.document if proof.metadata else None}


def print_drift(differences: Sequence[Difference], trouble: Sequence[str], out: TextIO) -> None:
    """The three values of each field that someone else changed, then what could not be asked."""
    for one in differences:
        out.write(f"{one.dataset}  {one.target}  {one.field}\n")
        for word, value in (("written", one.written), ("now", one.now), ("ours", one.wanted)):
            out.write(f"    {word:8}{value or '–'}\n")
    for message in trouble:
        out.write(f"{message}\n")
    datasets = {(one.target, one.dataset) for one in differences}
    out.write(f"{len(differences)} values changed by others in {len(datasets)} datasets\n")


def drift_document(differences: Sequence[Difference], trouble: Sequence[str]) -> dict[str, Any]:
    """The differences for `--json`."""
    return {"differences": [asdict(one) for one in differences], "trouble": list(trouble)}


def print_status(found: Sequence[Status], out: TextIO) -> None:
    """A block per dataset: what stands where, and whether it is later than its cycle promises."""
    for one in found:
        out.write(f"{one.dataset}  {one.title}  ({one.owner})\n")
        out.write(f"    {_standing_words(one)}\n")
        for name, shown in one.targets.items():
            number = f" {shown['release']}" if shown["release"] is not None else ""
            out.write(f"    {name}: {shown['form']}{number}\n")
    late = sum(one.late for one in found)
    out.write(f"{len(found)} datasets, {sum(one.release is not None for one in found)} published, {late} late\n")


def _standing_words(one: Status) -> str:
    if one.withdrawing:
        again = f"run `opendata withdraw {one.dataset} --reason …` again"
        return f"WITHDRAWING, not complete on {', '.join(one.withdrawing)} → {again}: {one.withdrawn}"
    if one.withdrawn:
        return f"withdrawn: {one.withdrawn}"
    if one.release is None:
        return f"no release: {one.selected}"
    promise = "no promised cycle" if one.promised_days is None else f"promised every {one.promised_days} days"
    late = ", LATE" if one.late else ""
    return f"release {one.release}, {one.age_days} days old, {promise}{late}"


def status_document(found: Sequence[Status]) -> dict[str, Any]:
    """The standing of datasets for `--json`."""
    return {"datasets": [{**asdict(one), "released_at": _instant(one)} for one in found]}


def _instant(one: Status) -> str | None:
    return one.released_at.isoformat() if one.released_at else None


def print_import(summary: ImportSummary, out: TextIO) -> None:
    """What was written; or every fault with its cell, and that nothing was."""
    for fault in summary.faults:
        out.write(f"{fault.sheet} › row {fault.row} › {fault.column}: {fault.message}\n    → {fault.fix}\n")
    if summary.faults:
        out.write(f"{len(summary.faults)} faults; nothing was written\n")
    else:
        out.write(f"{len(summary.written)} entries written, {len(summary.unchanged)} unchanged\n")


def import_document(summary: ImportSummary) -> dict[str, Any]:
    """What an import did, for `--json`."""
    return asdict(summary)
