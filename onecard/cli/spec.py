"""``onecard spec``: lint, show, coverage, overlay."""

import json
from pathlib import Path
from typing import Any

import click

from onecard.cli.coverage import executed, planned, tell_coverage
from onecard.cli.settings import Settings, with_language
from onecard.errors import UserError
from onecard.evidence.bundle import read
from onecard.harness.campaign import BUNDLE
from onecard.spec.document import dotted
from onecard.spec.errors import SpecError
from onecard.spec.leaves import covers, leaves
from onecard.spec.lint import lint as lint_spec
from onecard.spec.load import Spec, load_spec
from onecard.spec.model import Document, Requirement
from onecard.spec.overlay import load_overlaid
from onecard.spec.text import Text

_overlays = click.option("--overlay", "overlays", multiple=True, type=click.Path(path_type=Path), metavar="F")


@click.group(help="标准数据 / the standards as data")
def spec() -> None:
    """The specification."""


@spec.command(help="检查全部标准数据 / check the whole specification")
@_overlays
@with_language
def lint(settings: Settings, overlays: tuple[Path, ...]) -> int:
    """Exit 0 when it holds together, 1 with every finding named."""
    try:
        lint_spec(load_spec())
    except SpecError as error:
        # A document of ours that cannot be read at all is what lint is there to tell; an overlay is an argument.
        settings.out(error.text)
        return 1
    loaded = load_overlaid(overlays)
    findings = lint_spec(loaded)
    for finding in findings:
        settings.out(f"{finding.place}: {finding.text.in_(settings.language)}")
    if not findings:
        settings.out(
            Text(
                zh=f"规范数据无误：要求 {len(loaded.requirements)} 条，数据 {len(leaves(loaded))} 项，文献 "
                f"{len(loaded.documents)} 种",
                en=f"the specification holds: {len(loaded.requirements)} requirements, {len(leaves(loaded))} data, "
                f"{len(loaded.documents)} documents",
            )
        )
    return 1 if findings else 0


@spec.command(help="显示一条要求、数据或文献 / show a requirement, a datum or a document")
@click.argument("identifier", metavar="ID")
@_overlays
@with_language
def show(settings: Settings, identifier: str, overlays: tuple[Path, ...]) -> int:
    """Show what stands under an id."""
    loaded = load_overlaid(overlays)
    if identifier in loaded.requirements:
        _show_requirement(settings, loaded, loaded.requirements[identifier])
    elif identifier in loaded.documents:
        _show_document(settings, loaded.documents[identifier])
    else:
        _show_datum(settings, loaded, identifier)
    return 0


def _show_requirement(settings: Settings, loaded: Spec, requirement: Requirement) -> None:
    basis = requirement.basis
    settings.out(f"{requirement.id}  [{requirement.keyword}]")
    settings.out(f"  {requirement.statement.zh}\n  {requirement.statement.en}")
    clause = f" {settings.pick('条款', 'clause')} {requirement.clause} ({basis.document})" if requirement.clause else ""
    settings.out(f"  {settings.pick('文献', 'document')}: {requirement.document}{clause}")
    settings.out(f"  {settings.pick('依据', 'basis')}: " + "; ".join(each.label() for each in (basis, *basis.also)))
    for note in (basis.note, basis.reason.in_(settings.language) if basis.reason else None):
        if note:
            settings.out(f"    {note}")
    settings.out(f"  {settings.pick('适用', 'applies')}: {requirement.applies_source}")
    settings.out(f"  {settings.pick('数据', 'about')}: {', '.join(requirement.about) or '-'}")
    if requirement.excluded:
        settings.out(f"  {settings.pick('不测试', 'excluded')}: {requirement.excluded}")
    if requirement.official_items:
        settings.out(
            f"  {settings.pick('官方检测项目', 'official test items')}: {', '.join(requirement.official_items)}"
        )
    settings.out(f"  {requirement.place}")


def _show_document(settings: Settings, document: Document) -> None:
    settings.out(f"{document.id}\n  {document.title.zh}\n  {document.title.en}")
    settings.out(
        f"  {document.issued or '-'} / {document.in_force or '-'}  {document.status}  "
        f"{settings.pick('公开文本', 'public text')}: {document.text_public}"
    )
    settings.out(f"  {settings.pick('依据', 'basis')}: {document.basis.label()}")
    for clause in document.clauses:
        settings.out(f"    {clause.number}  {clause.title.in_(settings.language)}")


def _show_datum(settings: Settings, loaded: Spec, identifier: str) -> None:
    if identifier in loaded.places:
        number, path = loaded.places[identifier]
        document = loaded.documents_raw[number]
        node: Any = document.data
        for step in path:
            node = node[step]
        settings.out(f"{document.file}:{document.line(path)} ({dotted(path)})")
        settings.out(json.dumps(node, ensure_ascii=False, indent=2))
        for requirement in loaded.requirements.values():
            if any(covers(about, identifier) or about.startswith(f"{identifier}.") for about in requirement.about):
                settings.out(f"  <- {requirement.id}  {requirement.statement.in_(settings.language)}")
        return
    raise UserError(
        zh=f"没有 {identifier}：不是要求、数据或文献的编号",
        en=f"there is nothing with the id {identifier}: no requirement, datum or document",
        exit_code=1,
    )


@spec.command(
    help="要求矩阵：文献、条款、对象、依据与用例；给出证据时为已执行的用例 / requirements by document, clause, kind of "
    "target and basis with their cases; of a bundle: the executed ones"
)
@click.argument("bundle", type=click.Path(path_type=Path), required=False, metavar="[BUNDLE]")
@click.option("--json", "as_json", is_flag=True)
@_overlays
@with_language
def coverage(settings: Settings, bundle: Path | None, as_json: bool, overlays: tuple[Path, ...]) -> int:
    """Exit 1 when a testable requirement has no case; with a bundle, no executed one where it was to be decided."""
    loaded = load_overlaid(overlays)
    if bundle is None:
        found = planned(loaded)
    else:
        found = executed(loaded, read(bundle / BUNDLE if bundle.is_dir() else bundle))
    if as_json:
        click.echo(json.dumps(found.body(), ensure_ascii=False))
    else:
        tell_coverage(settings, found)
    return 1 if found.missing else 0


@spec.command(help="检查覆盖文件并说明它改变了什么 / check an overlay and tell what it changes")
@click.argument("file", type=click.Path(path_type=Path))
@with_language
def overlay(settings: Settings, file: Path) -> int:
    """Exit 0 when the overlay fits and the whole still holds together."""
    before, after = load_overlaid(()), load_overlaid((file,))
    old = {leaf.path: leaf for leaf in leaves(before)}
    for leaf in leaves(after):
        previous = old.get(leaf.path)
        if previous is None or (previous.value, previous.basis) != (leaf.value, leaf.basis):
            was = f"{previous.value!r} [{previous.basis.cls}]" if previous else "-"
            settings.out(f"{leaf.path}: {was} -> {leaf.value!r} [{leaf.basis.cls}]")
    for name, requirement in after.requirements.items():
        if before.requirements.get(name) != requirement:
            settings.out(f"{name}: {requirement.statement.in_(settings.language)} [{requirement.basis.cls}]")
    findings = lint_spec(after)
    for finding in findings:
        settings.out(f"{finding.place}: {finding.text.in_(settings.language)}")
    return 1 if findings else 0
