"""``onecard emulate hsm|ecard|platform|partner``: a reference service behind HTTP."""

import ipaddress
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, TextIO

from sqlalchemy.exc import SQLAlchemyError

from emulator.keys import DEFAULT_SEED
from emulator.service import Clock, Service
from onecard.emulate.runner import EventLog, Link, run_until_stopped
from onecard.emulate.supplied import supply_of, whole
from onecard.errors import UserError
from onecard.planning.keyset import KeySet
from onecard.spec.text import Language, Text
from onecard.targets.serving import HttpServer

KINDS = ("hsm", "ecard", "platform", "partner")


def emulate_service(
    *,
    kind: str,
    profile: str,
    host: str = "127.0.0.1",
    port: int = 0,
    seed: str | None = None,
    control_token: str | None = None,
    language: Language = "zh",
    out: TextIO | None = None,
    stop: threading.Event | None = None,
    declare: Callable[[str], None] = lambda target: None,
    beside: Callable[[Service, EventLog], Sequence[Link]] = lambda service, events: (),
    ended: Callable[[EventLog], None] = lambda events: None,
    **more: Any,
) -> int:
    """Serve on ``host``:``port`` (0: the system chooses) until Ctrl-C or SIGTERM; returns the exit code 0.

    The line "listening" on ``out`` (default: stderr) names the address; ``declare`` is told it before. Without
    ``control_token`` there is no control interface for tests. ``more`` goes to the kind's reference (``database`` of
    the platform, ``callback`` of a partner, ``keys`` of an encryptor: a KeySet). ``stop`` ends it from another thread.
    ``beside`` opens further links to the service, ``ended`` is called once all have ended.
    Raises UserError: address taken, no such database, keys that are missing.
    """
    log = EventLog(out if out is not None else sys.stderr, language)
    service = _service(kind, profile, seed or DEFAULT_SEED, control_token, more)
    try:
        server = HttpServer(service.app, host=host, port=port)
    except (OSError, OverflowError) as error:
        raise cannot_listen(host, port, error) from error
    try:
        links = beside(service, log)
    except UserError:
        server.close()
        raise
    declare(server.url)
    if not _is_loopback(host):
        log.say(
            Text(
                zh=f"警告：{host} 可从其他机器访问；此服务只有合成数据和公开的测试密钥，也没有 TLS",
                en=f"warning: {host} can be reached from other machines; this service has synthetic data, published "
                "test keys and no TLS",
            )
        )
    if control_token is not None:
        log.say(Text(zh=f"测试控制接口的令牌：{control_token}", en=f"token of the test control: {control_token}"))
    log.say(
        Text(
            zh=f"{profile} 在 {server.url} 上监听。按 Ctrl-C 结束",
            en=f"{profile} is listening on {server.url}. Ctrl-C ends this command",
        )
    )
    run_until_stopped([server, *links], stop=stop)
    ended(log)
    return 0


def cannot_listen(host: str, port: int, error: Exception) -> UserError:
    """The error for an address that cannot be had."""
    return UserError(
        zh=f"不能在 {host}:{port} 上监听（{error}）。请换一个端口，或检查地址",
        en=f"cannot listen on {host}:{port} ({error}). Choose another port, or check the address",
    )


def _service(kind: str, profile: str, seed: str, token: str | None, more: Mapping[str, Any]) -> Service:
    make: Callable[..., Service] = import_module(f"onecard.reference.{kind}").service
    given = dict(more)
    keys: KeySet | None = given.pop("keys", None)
    if keys is not None:
        given["supply"] = supply_of(keys)
    try:
        return whole(lambda: make(profile, seed, control_token=token, clock=Clock(), **given))
    except (SQLAlchemyError, ImportError) as error:
        # An unknown kind of address, a missing driver, a file or server that cannot be opened.
        reason = str(error).splitlines()[0]
        raise UserError(
            zh=f"数据库无法打开：{reason}。请检查 --database（如 sqlite:////tmp/platform.db）",
            en=f"the database cannot be opened: {reason}. Check --database (as in sqlite:////tmp/platform.db)",
        ) from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
