"""The encryptor as a service: HTTP, TCP beside it, its institutions, its audit log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.hsm.app import HsmService
from emulator.hsm.audit import SECOND, AuditLog, LogUnusable
from emulator.hsm.tcp_server import TcpServer
from emulator.service import Service
from onecard.emulate.institutions import institutions_of
from onecard.emulate.runner import EventLog, Link
from onecard.emulate.service import cannot_listen, emulate_service
from onecard.errors import UserError
from onecard.spec.text import Text

KIND = "hsm"


@dataclass(frozen=True, slots=True)
class EncryptorOptions:
    """What is asked of it beside a service's options.

    ``tcp``: port of the TCP interface (0: the system chooses, None: none). ``institutions``: file of its callers,
    ``audit``: file of its log, ``audit_sync``: when the log's lines go down to the disk.
    """

    tcp: int | None = None
    institutions: Path | None = None
    audit: Path | None = None
    audit_sync: str = SECOND


def emulate_encryptor(
    options: EncryptorOptions,
    *,
    profile: str,
    host: str = "127.0.0.1",
    declare: Callable[[str, str | None], None] = lambda target, tcp: None,
    **more: Any,
) -> int:
    """Serve until Ctrl-C or SIGTERM; ``more`` as for every service. Returns the exit code 0.

    ``declare`` is told the target and the address of the TCP interface. Raises UserError (an address or a log that
    cannot be had) and SpecError (a file of institutions that is wrong).
    """
    callers = None if options.institutions is None else institutions_of(options.institutions)
    log = None if options.audit is None else _log(options.audit, profile, options.audit_sync)
    tcp: list[str] = []

    def beside(service: Service, events: EventLog) -> Sequence[Link]:
        if options.tcp is None or not isinstance(service, HsmService):
            return ()
        try:
            server = TcpServer(service.conversation, host=host, port=options.tcp)
        except (OSError, OverflowError) as error:
            raise cannot_listen(host, options.tcp, error) from error
        tcp.append(server.address)
        events.say(Text(zh=f"TCP 接口：tcp:{server.address}", en=f"TCP interface: tcp:{server.address}"))
        return (server,)

    try:
        return emulate_service(
            kind=KIND,
            profile=profile,
            host=host,
            beside=beside,
            ended=lambda events: _closed(log, events),
            declare=lambda target: declare(target, tcp[0] if tcp else None),
            institutions=callers,
            log=log,
            **more,
        )
    except BaseException:
        if log is not None:
            log.abandon()
        raise


def _log(path: Path, profile: str, policy: str) -> AuditLog:
    try:
        return AuditLog(path, profile=profile, policy=policy)
    except (OSError, LogUnusable) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UserError(
            zh=f"审计日志 {path} 无法使用：{reason}。请换一个文件，或确认没有其它加密机在写",
            en=f"the audit log {path} cannot be used: {reason}. Choose another file, or make sure that no other "
            "encryptor writes it",
        ) from error


def _closed(log: AuditLog | None, events: EventLog) -> None:
    if log is None:
        return
    try:
        head = log.close()
    except OSError as error:
        raise UserError(
            zh=f"审计日志未能写完：{error.strerror or error}",
            en=f"the audit log could not be ended: {error.strerror or error}",
            exit_code=3,
        ) from error
    events.say(
        Text(
            zh=f"审计日志的末行摘要：{head}。请另行保存：只有它能说明末尾没有被删（onecard audit verify --head）",
            en=f"head of the audit log: {head}. Keep it elsewhere: only it shows that nothing was taken from the end "
            "(onecard audit verify --head)",
        )
    )
