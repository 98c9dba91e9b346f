"""``onecard emulate hsm`` with TCP, institutions and an audit log: what its user sees."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from onecard.cli.main import cli
from onecard.emulate.encryptor import EncryptorOptions, emulate_encryptor
from onecard.emulate.institutions import institutions_of
from onecard.errors import UserError
from onecard.evidence.audit import verify_audit
from onecard.spec.errors import SpecError
from onecard.targets.base import ExchangeTarget, TargetOptions
from onecard.targets.http import open_target as open_http
from onecard.targets.tcp import open_target as open_tcp
from onecard.targets.tcp_service import TcpServiceTarget

PROVE = "02|341300|00814A44468660341300000001|03|0094|1111111122222222|3333333344444444|"
FILE = """
format: 1
kind: hsm-institutions
institutions:
  - id: bank
    key: secret-of-the-bank
    services: ["02"]
    addresses: ["0094"]
    regions: ["3413"]
    per-minute: 3
    channels:
      - {id: counter}
      - {id: machine, services: ["01"]}
  - {id: bureau, key: secret-of-the-bureau}
"""


@contextmanager
def running(options: EncryptorOptions, out: io.StringIO) -> Iterator[tuple[str, str | None]]:
    stop, told = threading.Event(), threading.Event()
    where: list[tuple[str, str | None]] = []

    def declare(target: str, tcp: str | None) -> None:
        where.append((target, tcp))
        told.set()

    thread = threading.Thread(
        target=emulate_encryptor,
        args=(options,),
        kwargs={"profile": "hsm-default", "language": "en", "out": out, "stop": stop, "declare": declare},
    )
    thread.start()
    try:
        assert told.wait(60)
        yield where[0]
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def ask(target: ExchangeTarget, key: str, channel: str, text: str = PROVE, who: str = "bank") -> int:
    headers = {"x-api-id": who, "x-api-key": key, **({"x-api-channel": channel} if channel else {})}
    body = json.dumps({"request": text})
    reply = target.exchange({"do": "http", "method": "POST", "path": "/v1/services", "headers": headers, "body": body})
    status: int = reply["status"]
    return status


def test_both_transports_one_limit_one_log(tmp_path: Path) -> None:
    file, audit, out = tmp_path / "i.yaml", tmp_path / "a.log", io.StringIO()
    file.write_text(FILE, "utf-8")
    with running(EncryptorOptions(tcp=0, institutions=file, audit=audit, audit_sync="always"), out) as (url, address):
        assert address is not None
        http = open_http(url.removeprefix("http:"), TargetOptions(timeout=30.0))
        tcp = open_tcp(address, TargetOptions(kind="hsm", timeout=30.0))
        assert isinstance(tcp, TcpServiceTarget)
        http.connect()
        tcp.connect()
        key = "secret-of-the-bank"
        assert [ask(http, key, "counter"), ask(tcp, key, "counter"), ask(http, key, "machine")] == [200, 200, 403]
        assert [ask(http, key, "counter"), ask(tcp, key, "counter")] == [429, 429]
        assert ask(tcp, "secret-of-the-bureau", "", who="bureau") == 200
        assert ask(http, "wrong", "counter") == 401
        assert ask(http, "synthetic-api-key", "", who="onecard-tester") == 401
    told = out.getvalue()
    head = "sm3:" + told.partition("sm3:")[2][:64]
    report = verify_audit(audit, head)
    assert (report.exit_code, report.entries) == (0, 8)
    text = audit.read_text("utf-8")
    assert [json.loads(line)["entry"]["code"] for line in text.splitlines()[1:-1]] == [
        "", "", "forbidden", "rate", "rate", "", "unauthorized", "unauthorized",
    ]  # fmt: skip
    assert "secret" not in text + told
    assert f"TCP interface: tcp:{address}" in told


@pytest.mark.parametrize(("old", "new", "said"), [
    ("key: secret-of-the-bank", "kee: secret-of-the-bank", "institutions"),
    ('services: ["02"]', "services: [2]", "services"),
    ("per-minute: 3", "per-minute: 0", "per-minute"),
    ("id: bureau", "id: bank", "stands twice"),
    ("id: machine", "id: counter", "stands twice"),
    ("kind: hsm-institutions", "kind: ics", "kind"),
])  # fmt: skip
def test_wrong_file_of_institutions(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / "i.yaml"
    file.write_text(FILE.replace(old, new), "utf-8")
    with pytest.raises(SpecError) as caught:
        institutions_of(file)
    assert said in caught.value.text.en
    assert "secret-of" not in caught.value.text.en + caught.value.text.zh


def test_log_that_cannot_be_had(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("something else\n", "utf-8")
    for path in (tmp_path / "a.log", tmp_path / "nowhere" / "a.log"):
        with pytest.raises(UserError, match=r"a\.log") as caught:
            emulate_encryptor(EncryptorOptions(audit=path), profile="hsm-default", out=io.StringIO())
        assert caught.value.exit_code == 2


def test_taken_tcp_port_leaves_the_log(tmp_path: Path) -> None:
    out, audit = io.StringIO(), tmp_path / "a.log"
    with running(EncryptorOptions(tcp=0), io.StringIO()) as (_, address):
        assert address is not None
        port = int(address.rpartition(":")[2])
        with pytest.raises(UserError, match=str(port)):
            emulate_encryptor(EncryptorOptions(tcp=port, audit=audit), profile="hsm-default", out=out)
    with running(EncryptorOptions(audit=audit), out):
        pass
    report = verify_audit(audit)
    assert (report.exit_code, report.sessions) == (0, 2)


def test_institutions_do_not_go_with_a_declaration(tmp_path: Path) -> None:
    file = tmp_path / "i.yaml"
    file.write_text(FILE, "utf-8")
    words = ["emulate", "hsm", "--institutions", str(file), "--declare", str(tmp_path / "d")]
    result = CliRunner().invoke(cli, ["--lang", "en", *words])
    assert result.exit_code == 2
    assert "--institutions does not go with --declare" in result.output
