"""``onecard keys set`` and ``ceremony``: key sets from a seed, and the parts of a ceremony; written to files."""

import secrets
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from emulator import keyset
from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from onecard.errors import UserError
from onecard.evidence.files import FileExists, make_folder, write_secret, write_whole
from onecard.planning.ceremony import Part, components_of, record_of
from onecard.planning.keyset import Key, KeySet, document_of, yaml_of
from onecard.spec.hierarchy import KeyHierarchy

RECORD = "ceremony.yaml"


def region_of(seed: str) -> str:
    """The region of the first synthetic person of a seed, which the reference PSAM and encryptor serve."""
    return person(seed, 0).region


def made_sets(
    hierarchy: KeyHierarchy,
    seed: str = DEFAULT_SEED,
    *,
    region: str | None = None,
    historical: bytes | None = None,
    algorithms: Collection[str] = ("3des", "sm4"),
) -> Mapping[str, KeySet]:
    """Synthetic key sets of a region by level: those that the references of ``seed`` hold or were made from."""
    chosen = region or region_of(seed)
    sets = keyset.key_sets(hierarchy, seed, chosen, historical=historical, algorithms=algorithms)
    return {
        level: KeySet(True, chosen, {key.place: key for key in (_key(hierarchy, each) for each in made)})
        for level, made in sets.items()
        if made
    }


def _key(hierarchy: KeyHierarchy, made: keyset.MadeKey) -> Key:
    return Key(
        made.name, made.version, made.algorithm, made.level, made.value, _check(hierarchy, made.algorithm, made.value)
    )


def _check(hierarchy: KeyHierarchy, algorithm: str, value: bytes) -> bytes:
    block = hierarchy.algorithms[algorithm].block
    return keyset.check_value(hierarchy.check_value, algorithm, block, value)


def write_sets(sets: Mapping[str, KeySet], folder: Path, *, overwrite: bool = False) -> list[Path]:
    """Write each set to ``LEVEL.yaml`` in ``folder``, readable by its owner only. Raises FileExists, UserError."""
    documents = {folder / f"{level}.yaml": yaml_of(document_of(keys)) for level, keys in sets.items()}
    _write(folder, documents, {}, overwrite=overwrite)
    return list(documents)


def write_ceremony(
    hierarchy: KeyHierarchy,
    keys: KeySet,
    custodians: int,
    folder: Path,
    *,
    overwrite: bool = False,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> list[Path]:
    """Split each key for so many custodians: the record, and a file for each. Raises FileExists, UserError."""
    rule = hierarchy.custodians
    if not rule.least <= custodians <= rule.most:
        raise UserError(
            zh=f"保管人应为 {rule.least} 至 {rule.most} 名", en=f"a ceremony has {rule.least} to {rule.most} custodians"
        )
    parts = [_part(hierarchy, key, custodians, random) for key in keys.keys.values()]
    secret = {
        folder / f"custodian-{number}.yaml": yaml_of(components_of(keys, number, parts))
        for number in range(1, custodians + 1)
    }
    shared = {folder / RECORD: yaml_of(record_of(keys, custodians, parts))}
    _write(folder, secret, shared, overwrite=overwrite)
    return [*shared, *secret]


def _part(hierarchy: KeyHierarchy, key: Key, custodians: int, random: Callable[[int], bytes]) -> Part:
    components = keyset.split(key.value, custodians, random)
    return Part(
        place=key.place,
        check=_check(hierarchy, key.algorithm, key.value),
        checks=tuple(_check(hierarchy, key.algorithm, each) for each in components),
        components=components,
    )


def _write(folder: Path, secret: Mapping[Path, bytes], shared: Mapping[Path, bytes], *, overwrite: bool) -> None:
    present = [path for path in (*secret, *shared) if path.exists() or path.is_symlink()]
    if present and not overwrite:
        raise FileExists(
            zh=f"{present[0]} 已存在，不会覆盖：请换一个目录，或用 --force",
            en=f"{present[0]} exists and is not overwritten: choose another folder, or --force",
        )
    make_folder(folder)
    for path, data in secret.items():
        write_secret(path, data, overwrite=overwrite)
    for path, data in shared.items():
        write_whole(path, data)
