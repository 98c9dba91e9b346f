"""Checks over the whole specification that no schema can express."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from onecard.spec import build
from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.errors import SpecError
from onecard.spec.expr import Value, names
from onecard.spec.leaves import branches, is_pattern, leaves, matching
from onecard.spec.load import Spec
from onecard.spec.model import Basis, BasisClass, IcsItem
from onecard.spec.text import Text


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: where it stands, and what is wrong."""

    place: str
    text: Text


def lint(spec: Spec) -> list[Finding]:
    """Every problem of the specification; an empty list means that it holds together."""
    return [finding for check in _CHECKS for finding in check(spec)]


def value_fits(item: IcsItem, value: Value) -> bool:
    """Whether a declared value is of the item's type and within its bounds."""
    if item.type == "bool":
        return isinstance(value, bool)
    if item.type == "int":
        low = item.minimum if item.minimum is not None else 0
        return (
            isinstance(value, int)
            and not isinstance(value, bool)
            and low <= value
            and (item.maximum is None or value <= item.maximum)
        )
    return value in item.values


def _finding(place: str, zh: str, en: str) -> Finding:
    return Finding(place, Text(zh=zh, en=en))


def _unique_ids(spec: Spec) -> Iterator[Finding]:
    seen: dict[str, str] = {}

    def ids(node: object, place: str) -> Iterator[Finding]:
        if isinstance(node, Mapping):
            identifier = node.get("id")
            if isinstance(identifier, str):
                if identifier in seen:
                    yield _finding(
                        place,
                        f"编号 {identifier} 与 {seen[identifier]} 重复",
                        f"the id {identifier} stands at {seen[identifier]} too",
                    )
                seen.setdefault(identifier, place)
            for child in node.values():
                yield from ids(child, place)
        elif isinstance(node, list):
            for child in node:
                yield from ids(child, place)

    for datum in spec.data_of():
        yield from ids(datum.node, f"{datum.document.file}:{datum.document.line(datum.path)}")


def _about(spec: Spec) -> Iterator[Finding]:
    found = leaves(spec)
    spoken = {about for requirement in spec.requirements.values() for about in requirement.about}
    named = {branch for leaf in found for branch in branches(leaf.path)}
    # Each pattern once over the names, then look-ups: trying each entry on each leaf would take seconds.
    meant = {about: matching(about, named) if is_pattern(about) else {about} & named for about in spoken}
    covered = frozenset[str]().union(*meant.values())
    for leaf in found:
        if covered.isdisjoint(branches(leaf.path)):
            yield _finding(
                leaf.place, f"没有要求提到数据 {leaf.path}", f"no requirement's `about` names the datum {leaf.path}"
            )
    for requirement in spec.requirements.values():
        for about in requirement.about:
            if not meant[about]:
                yield _finding(
                    requirement.place,
                    f"{requirement.id} 的 about 指向不存在的 {about}",
                    f"{requirement.id}: `about` names {about}, which does not exist",
                )
        if requirement.testable and not requirement.about:
            yield _finding(
                requirement.place,
                f"{requirement.id} 未指明数据",
                f"{requirement.id} is testable but its `about` is empty",
            )


def _expressions(spec: Spec) -> Iterator[Finding]:
    declared = {item.id for questionnaire in spec.questionnaires.values() for item in questionnaire.items} | {
        "ixit.root_keys"
    }
    for requirement in spec.requirements.values():
        for name in sorted(names(requirement.applies) - declared):
            yield _finding(
                requirement.place,
                f"{requirement.id} 的 applies 引用未知项 {name}",
                f"{requirement.id}: `applies` names the unknown item {name}",
            )


def _bases(spec: Spec) -> Iterator[Finding]:
    def of(basis: Basis) -> Iterable[Basis]:
        yield basis
        for other in basis.also:
            yield from of(other)

    def check(basis: Basis, place: str, what: str) -> Iterator[Finding]:
        for each in of(basis):
            if each.cls in (BasisClass.REPORT, BasisClass.INFERENCE):
                yield _finding(place, f"{what} 的依据不能是 {each.cls}", f"{what}: the basis cannot be {each.cls}")
            if each.document is not None and each.document not in spec.documents:
                yield _finding(
                    place,
                    f"{what} 的依据文献 {each.document} 不在书目中",
                    f"{what}: the document {each.document} is not in the bibliography",
                )

    for requirement in spec.requirements.values():
        yield from check(requirement.basis, requirement.place, requirement.id)
        if requirement.document not in spec.documents:
            yield _finding(
                requirement.place,
                f"{requirement.id} 的文献 {requirement.document} 不在书目中",
                f"{requirement.id}: {requirement.document} is not in the bibliography",
            )
    for leaf in leaves(spec):
        yield from check(leaf.basis, leaf.place, leaf.path)


def _clauses(spec: Spec) -> Iterator[Finding]:
    """A clause number may stand only where somebody could see it: among the visible clauses of the witness."""
    for requirement in spec.requirements.values():
        witness = requirement.basis.document or requirement.document
        document = spec.documents.get(witness)
        if document is None:
            continue
        visible = {entry.number for entry in document.clauses} | set(document.untitled_clauses)
        for clause in (requirement.clause, requirement.basis.clause):
            if clause is not None and clause not in visible:
                yield _finding(
                    requirement.place,
                    f"{requirement.id}：{witness} 的条款 {clause} 不可见",
                    f"{requirement.id}: clause {clause} of {witness} is not visible",
                )


def _profiles(spec: Spec) -> Iterator[Finding]:
    for profile in spec.profiles.values():
        place = f"profile {profile.id}"
        items = (
            {item.id: item for item in spec.questionnaires[profile.target].items}
            if profile.target in spec.questionnaires
            else {}
        )
        for name in sorted(items.keys() - profile.ics.keys()):
            yield _finding(place, f"{profile.id} 未声明 {name}", f"{profile.id} does not declare {name}")
        for name, value in profile.ics.items():
            if name not in items:
                yield _finding(
                    place, f"{profile.id} 声明了未知项 {name}", f"{profile.id} declares the unknown item {name}"
                )
            elif not value_fits(items[name], value):
                yield _finding(
                    place,
                    f"{profile.id} 的 {name} 取值 {value!r} 不合规定",
                    f"{profile.id}: {value!r} does not fit {name}",
                )
        fits = items.keys() == profile.ics.keys() and all(value_fits(items[n], v) for n, v in profile.ics.items())
        try:
            resolved = spec.resolve_profile(profile.id) if fits else None
        except SpecError as error:
            yield _finding(place, error.text.zh, error.text.en)
            continue
        if isinstance(resolved, CardSpec):
            yield from _card(resolved, place)


def _card(card: CardSpec, place: str) -> Iterator[Finding]:
    """What files refer to must exist: items in the record order, checks, code tables, keys."""
    for file in card.files.values():
        for tag in {*file.record_order} ^ {item.tag for item in file.items}:
            yield _finding(
                place,
                f"{file.id}：标签 {tag:02X} 与记录次序不符",
                f"{file.id}: tag {tag:02X} is in the items or in the record order, not in both",
            )
        items = [each for item in (*file.items, *file.layout) for each in (item, *item.inner)]
        named = [(item.id, item.check, card.checks) for item in items]
        tables = [(item.id, item.codes, card.codes) for item in items]
        yield from _lengths(file, place)
        # The PINs of the certificate application open files as keys do.
        openers = card.keys.keys() | card.table("certificate-pins").keys()
        keys = [(file.id, rule.key, openers) for rule in (file.read, file.update)]
        for owner, reference, known in (*named, *tables, *keys):
            if reference is not None and reference not in known:
                yield _finding(
                    place, f"{owner} 引用了不存在的 {reference}", f"{owner} refers to {reference}, which does not exist"
                )


def _lengths(file: FileSpec, place: str) -> Iterator[Finding]:
    """Sums agree: inner items (each with tag and length) fill a constructed item, fields fill a record."""
    tagged = [(item, [inner.length + (3 if inner.tag > 0xFF else 2) for inner in item.inner]) for item in file.items]
    sums = [(item.id, sum(parts), item.length) for item, parts in tagged if parts]
    if file.layout and file.record_length:
        sums.append((file.id, sum(field.length for field in file.layout), file.record_length))
    for owner, total, wanted in sums:
        if total != wanted:
            yield _finding(
                place,
                f"{owner} 的各部分共 {total} 字节，应为 {wanted}",
                f"{owner}: its parts have {total} bytes, not {wanted}",
            )


def _statuses(spec: Spec) -> Iterator[Finding]:
    known = {build.status_of(str(datum.node["sw"])).text for datum in spec.data["status-words"]}
    for section, keys in (("commands", ("statuses", "query")), ("general-statuses", None)):
        for datum in spec.data[section]:
            place = f"{datum.document.file}:{datum.document.line(datum.path)}"
            for sw in _words(datum.node, keys):
                if sw not in known:
                    yield _finding(
                        place,
                        f"{datum.node['id']} 使用了未列出的状态字 {sw}",
                        f"{datum.node['id']} uses the status word {sw}, which is not listed",
                    )


def _words(node: Mapping[str, object], keys: Iterable[str] | None) -> Iterator[str]:
    """Status words of a node: in its tables named ``keys``, or standing in it itself."""
    tables = [node] if keys is None else [node.get(key) for key in keys]
    for table in tables:
        for key, value in table.items() if isinstance(table, Mapping) else ():
            if isinstance(value, str) and key not in ("id", "when", "note", "document", "clause"):
                yield value


_CHECKS = (_unique_ids, _about, _expressions, _bases, _clauses, _profiles, _statuses)
