"""Targets ``http://HOST[:PORT][/BASE]`` and ``https://…``: a service under test behind its real transport."""

import re
import socket
import ssl
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from onecard.errors import UserError
from onecard.targets.base import (
    CardRemoved,
    Message,
    SilentTarget,
    TargetAbsent,
    TargetError,
    TargetOptions,
    TargetRefused,
)
from onecard.targets.callback import CallbackServer
from onecard.targets.http_wire import Deadline, NotHttp, converse
from onecard.targets.incoming import OtherSide
from onecard.targets.message import request_of
from onecard.targets.tcp import address_of
from onecard.targets.tcp_service import exchange_octets

_DEFAULT_PORT = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9._:-]+")
# A path goes out as the case wrote it; only what no request line can hold is escaped.
_AS_IT_STANDS = "".join(chr(code) for code in range(0x21, 0x7F))


def open_target(rest: str, options: TargetOptions) -> "HttpTarget":
    """The target ``http://HOST[:PORT][/BASE]``; raises UserError where the address is not of that form."""
    return _open("http", rest, options)


def open_secure_target(rest: str, options: TargetOptions) -> "HttpTarget":
    """The target ``https://HOST[:PORT][/BASE]``.

    The server's certificate is checked against the certificates that the system trusts (SSL_CERT_FILE names others).
    """
    return _open("https", rest, options)


def _open(scheme: str, rest: str, options: TargetOptions) -> "HttpTarget":
    url = f"{scheme}:{rest}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _DEFAULT_PORT[scheme]
    except ValueError:
        parts, host, port = urlsplit(f"{scheme}:"), "", 0
    if not _HOST.fullmatch(host) or parts.query or parts.fragment or not url.isascii() or " " in url:
        raise UserError(
            zh=f"目标 {url} 写法不对：应为 {scheme}://主机[:端口][/路径]，例如 {scheme}://127.0.0.1:8000/api",
            en=f"target {url} is not of the form {scheme}://HOST[:PORT][/PATH], for example "
            f"{scheme}://127.0.0.1:8000/api",
        )
    if parts.username is not None or parts.password is not None:
        raise UserError(
            zh=f"目标 {scheme}://…@{host}：地址会写进证据，不能含用户名和口令；请写在 IXIT 的 parameters 里",
            en=f"target {scheme}://…@{host}: the address goes into the evidence and must not hold user or password; "
            "write them in the parameters of the IXIT",
        )
    return HttpTarget(url.rstrip("/"), (host, port), options)


class HttpTarget:
    """A service at ``base``. Every request has a connection of its own: none can fail for what an idle one became.

    No proxy, no redirect, no cookie, no unpacking: what the service answers is what the case sees. The limit of time
    is for a whole exchange, so that an answer that drips ends too.
    """

    def __init__(self, base: str, address: tuple[str, int], options: TargetOptions) -> None:
        self.description = base
        parts = urlsplit(base)
        self._host, self._path = parts.netloc, parts.path
        self._address = address
        self._timeout = options.timeout
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._other = OtherSide(options.instrument)
        self._callback = CallbackServer(self._other, options.parameters.get("callback") or {})
        self._tcp: str | None = options.parameters.get("tcp")
        self._connected = False

    def connect(self) -> None:
        """Make sure that somebody listens there (with TLS: whom the system trusts); raises TargetAbsent."""
        if self._connected:
            return
        self._knock()
        if self._other.present:
            self._callback.start()
        self._connected = True

    def exchange(self, request: Message) -> Message:
        """One exchange; raises SilentTarget, CardRemoved (connection refused or cut) or TargetError (not HTTP)."""
        if not self._connected:
            raise CardRemoved(zh=f"{self.description}：未连接", en=f"{self.description}: not connected")
        return _EXCHANGES[request["do"]](self, request)

    def close(self) -> None:
        """End the tester's own server; may be called again."""
        self._connected = False
        self._callback.stop()

    def reader_name(self) -> str:
        """What stands between us and the service."""
        return f"HTTP {self._address[0]}:{self._address[1]}"

    def _configure(self, message: Message) -> Message:
        return {**self._other.configure(message["settings"]), "callback": self._callback.url}

    def _receive(self, message: Message) -> Message:
        return self._other.receive(message["count"], message["within_ms"] / 1000)

    def _frame(self, message: Message) -> Message:
        if self._tcp is None:
            raise TargetRefused(
                zh="IXIT 的 parameters 未给出 tcp（TCP 接口的地址）",
                en="the IXIT gives no tcp among its parameters (address of the TCP interface)",
            )
        return exchange_octets(address_of(self._tcp), message, self._timeout, f"tcp:{self._tcp}")

    def _http(self, message: Message) -> Message:
        request = request_of(message)
        what, deadline = f"{request.method} {request.path}", Deadline(self._timeout)
        try:
            with self._dial(deadline) as connection:
                target = (self._path + quote(request.path, safe=_AS_IT_STANDS)).encode("ascii")
                return converse(connection, request, target, self._host, deadline)
        except TimeoutError:
            raise SilentTarget(
                zh=f"{self.description}：{self._timeout:g} 秒内没有完成 {what} 的应答，连接已关闭",
                en=f"{self.description}: no whole answer to {what} within {self._timeout:g} s; the connection was "
                "closed",
            ) from None
        except NotHttp as error:
            raise TargetError(
                zh=f"{self.description}：对 {what} 的应答不是完整的 HTTP（{error}）",
                en=f"{self.description}: what answers {what} is not whole HTTP ({error})",
            ) from error
        except OSError as error:
            reason = _reason(error)
            raise CardRemoved(
                zh=f"{self.description}：{what} 时连接被拒绝或断开（{reason}）",
                en=f"{self.description}: the connection for {what} was refused or cut ({reason})",
            ) from error

    def _dial(self, deadline: Deadline) -> socket.socket:
        connection = socket.create_connection(self._address, timeout=deadline.left())
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is None:
            return connection
        try:
            return self._tls.wrap_socket(connection, server_hostname=self._address[0])
        except BaseException:
            connection.close()
            raise

    def _knock(self) -> None:
        try:
            self._dial(Deadline(self._timeout)).close()
        except ssl.SSLCertVerificationError as error:
            raise TargetAbsent(
                zh=f"{self.description}：不信任服务器证书（{error.verify_message}）。私有 CA 的证书可用环境变量 "
                "SSL_CERT_FILE 指定",
                en=f"{self.description}: the server's certificate is not trusted ({error.verify_message}). "
                "SSL_CERT_FILE may name the certificate of a private CA",
            ) from error
        except (OSError, UnicodeError) as error:
            reason = _reason(error)
            raise TargetAbsent(
                zh=f"{self.description}：连接不上（{reason}）。请检查地址，并确认服务正在监听",
                en=f"{self.description}: cannot connect ({reason}). Check the address, and that the service listens "
                "there",
            ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timed out"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


_EXCHANGES: dict[str, Callable[[HttpTarget, Message], Message]] = {
    "http": HttpTarget._http,
    "instrument": HttpTarget._configure,
    "receive": HttpTarget._receive,
    "frame": HttpTarget._frame,
}
