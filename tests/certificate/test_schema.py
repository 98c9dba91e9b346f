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
    path = certified() / "certificate.json"
    assert errors("certificate.schema.json", path) == []
    assert "profile" not in " ".join(json.loads(path.read_bytes())["disclaimers"]["en"])


def test_a_challenge_and_its_certificate_fit(certified: Callable[..., Path], tmp_path: Path, keys: KeySet) -> None:
    path = tmp_path / "challenge.json"
    challenge = new_challenge(path, "lab", keys.signer_key, keys.signer, NOW)
    assert errors("challenge.schema.json", path) == []
    folder = certified(certificate_class=CertificateClass.CHALLENGED, challenge=challenge.body())
    assert errors("certificate.schema.json", folder / "certificate.json") == []
    body = json.loads((folder / "certificate.json").read_bytes())
    (folder / "certificate.json").write_text(json.dumps({**body, "class": "self-declared"}), encoding="utf-8")
    assert errors("certificate.schema.json", folder / "certificate.json") != []


def test_interfaces_without_a_public_text_are_certified_for_the_project_profile(certified: Callable[..., Path]) -> None:
    runs = tuple({"kind": kind, "profile": f"{kind}-default"} for kind in ("ecard", "platform", "partner", "terminal"))
    path = certified(runs=runs) / "certificate.json"
    assert errors("certificate.schema.json", path) == []
    body = json.loads(path.read_bytes())
    assert [run.get("claim", {}).get("en") for run in body["runs"]] == [
        "electronic card service: this project's profile ecard-default",
        "platform: this project's profile platform-default",
        "partner system: this project's profile partner-default",
        None,
    ]
    assert body["disclaimers"]["en"][-1].endswith("hold for the project profiles named, and for no standard.")
    del body["runs"][0]["claim"]
    path.write_text(json.dumps(body), encoding="utf-8")
    assert errors("certificate.schema.json", path) == ["'claim' is a required property"]
