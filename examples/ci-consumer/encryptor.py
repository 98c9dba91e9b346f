"""A small encryptor front of some platform: the component whose CI asks ``onecard certify`` about each commit.

It is no part of OneCard Conformance and shares no code with it. Services 01 (read basics) and 02 (external
authentication) as strings over HTTP; ciphers by the library ``cryptography``, the rest by Python's own. Keys are made
up, for tests only.

    python encryptor.py [--port N] [--fault NAME]     prints "listening on URL" and serves until Ctrl-C

``--fault factor`` plants a mistake of the sort that a commit brings in: the external proof is computed with the
internal session factor.
"""

import argparse
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

CONFIG = json.loads(Path(__file__).with_name("config.json").read_text(encoding="utf-8"))
ROOTS = {name: bytes.fromhex(key) for name, key in CONFIG["roots"].items()}
ADDRESSES = {"004C": ("RKSSSE", 3), "0094": ("UKSSSE", 2), "0090": ("PUK", 2)}  # key, levels below its root
CIPHERS = {"01": (lambda key: TripleDES(key + key[:8]), 8), "03": (SM4, 16)}
LENGTHS = {"01": (6, 26, 2, 32, 16, 16, 16, 16), "02": (6, 26, 2, 4, 16, 16)}
LIMIT = 512


class Refused(Exception):
    """What the caller is told: status and code."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


def encipher(algorithm: str, key: bytes, data: bytes) -> bytes:
    """ECB, the last block filled with 00."""
    cipher, block = CIPHERS[algorithm]
    tripled = key * 2 if len(key) == 8 else key  # a single DES key: K K K
    return Cipher(cipher(tripled), modes.ECB()).encryptor().update(data + bytes(-len(data) % block))


def card_key(algorithm: str, name: str, levels: int, region: str, historical: bytes) -> bytes:
    """The card's key: below its root by province, city and card, as far up as ``levels`` says."""
    key = ROOTS[name]
    for factor in (region[:2].encode() + b"0000sh", region.encode() + b"sx", historical[5:13])[3 - levels :]:
        key = encipher(algorithm, key, factor + bytes(byte ^ 0xFF for byte in factor))
    return key


def proof(algorithm: str, key: bytes, factor: str, original: str) -> str:
    """Authentication data over ``original`` under the session key of ``factor``, and ``original`` after it."""
    block = CIPHERS[algorithm][1]
    session = encipher(algorithm, key, bytes.fromhex(factor))
    data = encipher(algorithm, session, bytes.fromhex(original))[:block]
    folded = bytes(a ^ b for a, b in zip(data[:8], data[8:], strict=True)) if block == 16 else data
    return (folded + bytes.fromhex(original)).hex().upper()


def serve(text: str, fault: str | None) -> str:
    """The answer to a string of a terminal; raises Refused."""
    if len(text.encode()) >= LIMIT:
        raise Refused("too-long")
    service, *fields = text.split("|")
    if service not in LENGTHS:
        raise Refused("unknown-service")
    if len(fields) != len(LENGTHS[service]) + 1 or fields.pop():
        raise Refused("field-count")
    pair = fields[6:8]
    if any(pair) and not all(pair):
        raise Refused("external-pair")
    for position, (value, length) in enumerate(zip(fields, LENGTHS[service], strict=True)):
        digits = "[0-9]" if position == 0 else "[0-9A-Fa-f]"
        if not re.fullmatch(f"{digits}{{{length}}}", value) and not (position >= 6 and not any(pair)):
            raise Refused("field-form")
    region, historical, algorithm, *rest = fields
    if algorithm not in CIPHERS:
        raise Refused("unknown-algorithm")
    if service == "02" and rest[0].upper() not in ADDRESSES:
        raise Refused("unknown-key")
    if region[:2] != CONFIG["region"][:2]:
        raise Refused("region")
    card = (region, bytes.fromhex(historical))
    if service == "02":
        key = card_key(algorithm, *ADDRESSES[rest[0].upper()], *card)
        return f"{proof(algorithm, key, rest[1], rest[2])}|"
    _, factor, original, external_factor, external_original = rest
    internal = proof(algorithm, card_key(algorithm, "IRK", 3, *card), factor, original)
    if not external_factor:
        return f"{internal}||"
    used = factor if fault == "factor" else external_factor
    external = proof(algorithm, card_key(algorithm, "RKSSSE", 3, *card), used, external_original)
    return f"{internal}|{external}|"


class Handler(BaseHTTPRequestHandler):
    """The HTTP side."""

    fault: str | None = None

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("content-length", 0)), 65536))
        try:
            self.answer(200, {"response": self.asked(body)})
        except Refused as refused:
            message = {"zh": f"拒绝：{refused.code}", "en": f"refused: {refused.code}"}
            self.answer(refused.status, {"code": refused.code, "message": message})

    def asked(self, body: bytes) -> str:
        known = CONFIG["credentials"]
        if self.path != "/v1/services":
            raise Refused("not-found", 404)
        given = (self.headers.get("x-api-id"), self.headers.get("x-api-key"))
        if given != (known["id"], known["key"]):
            raise Refused("unauthorized", 401)
        try:
            request = json.loads(body)["request"]
        except (ValueError, TypeError, LookupError):
            raise Refused("bad-request") from None
        if not isinstance(request, str):
            raise Refused("bad-request")
        return serve(request, self.fault)

    def answer(self, status: int, content: dict[str, object]) -> None:
        data = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Quiet: the CI log shows what onecard says."""


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fault", choices=("factor",))
    chosen = parser.parse_args()
    Handler.fault = chosen.fault
    server = ThreadingHTTPServer(("127.0.0.1", chosen.port), Handler)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
