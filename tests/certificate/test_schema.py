import json
from collections.abc import Callable
from pathlib import Path

from jsonschema import Draft202012Validator

from onecard.certificate import CertificateClass, KeySet, new_challenge
from tests.certificate.samples import NOW

SCHEMAS = Path(__file__).parents[2] / "reports" / "schema"


def errors(schema: str, instance: Path) -> list[str]:
    validator = Draft202012Validator(json.loads((SCHEMAS / schema).read_text(encoding="utf-8")))
    return [error.message for error in validator.iter_errors(json.loads(instance.read_bytes()))]


def test_a_self_declared_certificate_fits(certified: Callable[..., Path]) -> None:
    assert errors("certificate.schema.json", certified() / "certificate.json") == []


def test_a_challenge_and_its_certificate_fit(certified: Callable[..., Path], tmp_path: Path, keys: KeySet) -> None:
    path = tmp_path / "challenge.json"
    challenge = new_challenge(path, "lab", keys.signer_key, keys.signer, NOW)
    assert errors("challenge.schema.json", path) == []
    folder = certified(certificate_class=CertificateClass.CHALLENGED, challenge=challenge.body())
    assert errors("certificate.schema.json", folder / "certificate.json") == []
    body = json.loads((folder / "certificate.json").read_bytes())
    (folder / "certificate.json").write_text(json.dumps({**body, "class": "self-declared"}), encoding="utf-8")
    assert errors("certificate.schema.json", folder / "certificate.json") != []
