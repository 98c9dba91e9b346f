"""Malformed requests to the encryptor: made by seed from right ones, sent in process, everything that comes back kept.

What makes a request malformed is judged here by the written rules of the strings, not by the encryptor's own reader.
"""

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from typing import Any, cast

from emulator.hsm.app import HsmService
from onecard.oracle.hsm import request
from onecard.oracle.hsm_frames import objects
from onecard.oracle.session import diversify, factors_of, rules_of, session_key
from onecard.spec.card import CardSpec
from onecard.spec.hsm import HsmSpec

# The right requests that are changed are about these cards, with these session factors: so that every key of the
# diversification that they lead to is known, and can be looked for.
HISTORICAL = ("00814A44468660341300000001", "00814A444686603413000000FF", "11223344556677889900AABBCC")
FACTORS = ("1111111122222222", "A1B2C3D4E5F60718")
RANDOM, SERIAL, TERMINAL_SERIAL = ("5A5A0001", "DEADBEEF"), "0001", "00000001"
_FIELD = {"digits": "[0-9]", "hexadecimal": "[0-9A-Fa-f]"}
_CHARACTERS = ("|", "\x00", "\n", "G", " ", "０", "é", "\ud800", "/", "-", "%00", "'", "+", "1" * 64)
_VALUES: tuple[object, ...] = (None, 1, True, [], {}, ["01|"], 1e308, {"request": "01|"})
_BODIES = (b"", b"[", b"{", b"null", b'"', b"\xff\xfe", b"[" * 5000, b'{"request"', b"{}" * 3, b"NaN", b"\x00")
LIMIT = 512


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it goes out: credential, channel, body. ``tcp``: in a frame (``announced``: another length)."""

    id: str
    key: str
    body: bytes
    tcp: bool
    announced: int | None = None


@dataclass
class Findings:
    """What a run showed. ``outputs``: every different byte string that came back, in so many ``answers``."""

    sent: int = 0
    answers: int = 0
    still_right: int = 0
    accepted: list[Sent] = field(default_factory=list)
    crashed: list[Sent] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    outputs: set[bytes] = field(default_factory=set)


class Fuzzer:
    """Mutates right requests of every service. ``regions`` that are served begin with the two digits of ``region``."""

    def __init__(self, spec: HsmSpec, region: str, who: tuple[str, str], seed: int) -> None:
        self._spec = spec
        self._region = region
        self._who = who
        self._random = random.Random(seed)
        self._valid = re.compile(f"({'|'.join(_patterns(spec, region))})")
        self._changes: tuple[Callable[[list[str]], list[str]], ...] = (
            self._character, self._cut, self._lengthen, self._drop, self._double, self._exchange, self._number,
            self._flood, self._address, self._algorithm, self._place,
        )  # fmt: skip

    def requests(self) -> Iterator[tuple[Sent, bool]]:
        """Requests without end, each with whether it is still a right one after all."""
        while True:
            yield self._one()

    def right(self) -> str:
        """A right string of a drawn service."""
        draw = self._random
        service = draw.choice(list(self._spec.services.values()))
        fields = {each.role: self._hex(each.length) for each in service.fields}
        fields |= {role: draw.choice(FACTORS) for role in fields if role.endswith("factor")}
        fields |= {"historical": draw.choice(HISTORICAL), "random": draw.choice(RANDOM)}
        fields |= {"purchase-serial": SERIAL, "terminal-serial": TERMINAL_SERIAL}
        fields |= {"region": self._region, "algorithm": draw.choice(("01", "03"))}
        fields |= {"key-address": {"02": "0094", "03": "0173", "04": "017F"}.get(service.number, "")}
        block = {"01": "842400010C", "03": "8424000114"}[fields["algorithm"]]
        fields |= {"header": block, "plain": "123456", "terminal": "0" * 12, "time": "20250228235959", "type": "32"}
        return request(self._spec, service, fields)

    def _one(self) -> tuple[Sent, bool]:
        draw = self._random
        tcp = draw.random() < 0.5
        parts = self.right().split("|")
        for _ in range(draw.choice((1, 1, 2, 3))):
            parts = draw.choice(self._changes)(parts)
        text = "|".join(parts)
        identity, key = self._who
        kind = draw.random()
        if kind < 0.08:
            wrong_ones = (("", ""), (identity, key[:-1]), (key, identity), (identity, f"{key}\n"), ("é", key))
            identity, key = draw.choice(wrong_ones)
        members: dict[str, object] = {"request": text}
        if kind > 0.92:
            others: list[dict[str, object]] = [{}, {"request": draw.choice(_VALUES)}, {"Request": text}]
            members = draw.choice(others)
        if tcp:
            members = {"x-api-id": identity, "x-api-key": key, **members}
        body = json.dumps(members, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")
        if draw.random() < 0.1:
            body = self._broken(body)
        wrong = (identity, key) != self._who
        right = not wrong and self._is_right(body)
        announced = None
        if tcp and draw.random() < 0.05:
            # Less than there is ends in the middle of the object, more never ends.
            announced = draw.choice((0, len(body) - 1, len(body) + 1, 8193, 0xFFFFFFFF))
            right = False
        return Sent(identity, key, body, tcp, announced), right

    def _is_right(self, body: bytes) -> bool:
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            return False
        text = found.get("request") if isinstance(found, dict) else None
        return isinstance(text, str) and len(text) < LIMIT and self._valid.fullmatch(text) is not None

    def _broken(self, body: bytes) -> bytes:
        draw = self._random
        if draw.random() < 0.3:
            return draw.choice(_BODIES)
        at = draw.randrange(len(body))
        return draw.choice((body[:at], body[:at] + draw.randbytes(1) + body[at + 1 :], body[at:], body + body))

    def _hex(self, length: int) -> str:
        return self._random.randbytes((length + 1) // 2).hex().upper()[:length]

    def _pick(self, parts: list[str]) -> int:
        return self._random.randrange(len(parts))

    def _character(self, parts: list[str]) -> list[str]:
        at = self._pick(parts)
        place = self._random.randrange(len(parts[at]) + 1)
        parts[at] = parts[at][:place] + self._random.choice(_CHARACTERS) + parts[at][place + 1 :]
        return parts

    def _cut(self, parts: list[str]) -> list[str]:
        at = self._pick(parts)
        parts[at] = parts[at][: self._random.randrange(len(parts[at]) + 1)]
        return parts

    def _lengthen(self, parts: list[str]) -> list[str]:
        parts[self._pick(parts)] += self._hex(self._random.choice((1, 2, 16)))
        return parts

    def _drop(self, parts: list[str]) -> list[str]:
        del parts[self._pick(parts)]
        return parts or [""]

    def _double(self, parts: list[str]) -> list[str]:
        at = self._pick(parts)
        return [*parts[:at], parts[at], *parts[at:]]

    def _exchange(self, parts: list[str]) -> list[str]:
        one, other = self._pick(parts), self._pick(parts)
        parts[one], parts[other] = parts[other], parts[one]
        return parts

    def _number(self, parts: list[str]) -> list[str]:
        parts[0] = self._random.choice(("00", "05", "1", "001", "", "FF", "0x01", " 01", "01 ", "９９", "-1"))
        return parts

    def _flood(self, parts: list[str]) -> list[str]:
        parts[self._pick(parts)] *= self._random.choice((2, 8, 40))
        return parts

    def _address(self, parts: list[str]) -> list[str]:
        return [self._hex(4) if len(part) == 4 else part for part in parts]

    def _algorithm(self, parts: list[str]) -> list[str]:
        wrong = self._random.choice(("00", "02", "04", "99", "AA"))
        return [wrong if part in ("01", "03") and at else part for at, part in enumerate(parts)]

    def _place(self, parts: list[str]) -> list[str]:
        return [f"{self._random.randrange(10**6):06d}" if part == self._region else part for part in parts]


def _patterns(spec: HsmSpec, region: str) -> Iterator[str]:
    """What is right, by the written rules: number, fields of their characters and lengths, known values."""
    known = {
        "algorithm": "01|03",
        "region": region[: spec.region_digits] + "[0-9]" * (6 - spec.region_digits),
    }
    addresses = {"02": "0090|0094|004[Cc]", "03": "0173", "04": "017[Ff]"}
    for service, told in product(spec.services.values(), (True, False)):
        parts = [service.number]
        for each in service.fields:
            allowed = known.get(each.role) or "|".join(f"{_FIELD[each.form]}{{{length}}}" for length in each.lengths)
            if each.role == "key-address":
                allowed = addresses[service.number]
            # Optional fields stand all together or not at all.
            parts.append(f"({allowed})" if told or not each.optional else "")
        yield r"\|".join(parts) + r"\|"


class Line:
    """Sends to the service without a socket: the application for HTTP, a conversation for TCP."""

    def __init__(self, service: HsmService) -> None:
        self._service = service
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        """End the loop."""
        self._loop.close()

    def send(self, sent: Sent) -> tuple[list[int], bytes]:
        """The status of each answer (a torn frame has none, two frames have two), and everything that came back."""
        return self._framed(sent) if sent.tcp else self._loop.run_until_complete(self._http(sent))

    def _framed(self, sent: Sent) -> tuple[list[int], bytes]:
        length = len(sent.body) if sent.announced is None else sent.announced
        received = self._service.conversation().feed(max(0, length).to_bytes(4, "big") + sent.body)
        return [told["status"] for told in objects(self._service.desk.spec.frame, received)], received

    async def _http(self, sent: Sent) -> tuple[list[int], bytes]:
        pieces: list[bytes] = []
        status = [0]
        body = [{"type": "http.request", "body": sent.body, "more_body": False}]

        async def receive() -> Mapping[str, Any]:
            return body.pop() if body else {"type": "http.disconnect"}

        async def take(event: Mapping[str, Any]) -> None:
            if event["type"] == "http.response.start":
                status[0] = event["status"]
                pieces.extend(name + b": " + value for name, value in event["headers"])
            pieces.append(event.get("body", b""))

        headers = [(b"x-api-id", sent.id.encode()), (b"x-api-key", sent.key.encode())]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": "POST",
            "path": "/v1/services", "raw_path": b"/v1/services", "root_path": "", "query_string": b"",
            "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        app = cast("Callable[..., Awaitable[None]]", self._service.app)
        await app(scope, receive, take)
        return status, b"\n".join(pieces)


def run(line: Line, fuzzer: Fuzzer, count: int, each: Callable[[int], None] = lambda number: None) -> Findings:
    """Send so many malformed requests; ``each`` is called with the number of every one. What is right is left out."""
    found = Findings()
    for sent, right in fuzzer.requests():
        if right:
            found.still_right += 1
            continue
        if found.sent == count:
            return found
        found.sent += 1
        each(found.sent)
        answered = _answered(line, sent)
        if answered is None:
            found.crashed.append(sent)
            continue
        statuses, received = answered
        found.outputs.add(received)
        found.answers += len(statuses)
        codes = re.findall(rb'"code": ?"([a-z-]+)"', received)
        found.codes.update(code.decode() for code in codes or (b"unanswered",))
        if any(status >= 500 for status in statuses):
            found.crashed.append(sent)
        elif b'"response"' in received or any(status < 400 for status in statuses):
            found.accepted.append(sent)
    raise AssertionError("the requests have no end")


def _answered(line: Line, sent: Sent) -> tuple[list[int], bytes] | None:
    # That nothing is raised is what such a run is for.
    with suppress(Exception):
        return line.send(sent)
    return None


def secrets_of(spec: HsmSpec, roots: Mapping[str, bytes], region: str, cards: Mapping[str, CardSpec]) -> set[bytes]:
    """Roots, what is diversified of them on every level down to the cards, and their session keys, by the oracle."""
    randoms = [*FACTORS, *(random + SERIAL + TERMINAL_SERIAL[4:] for random in RANDOM)]
    found = set(roots.values())
    for algorithm, historical in product(spec.algorithms.values(), HISTORICAL):
        rules = rules_of(cards[algorithm.card])
        for key in spec.keys.values():
            steps = factors_of(rules, region, bytes.fromhex(historical))[-key.levels :]
            path = [diversify(rules, roots[key.key], steps[:count]) for count in range(1, len(steps) + 1)]
            found |= {*path, *(session_key(rules, path[-1], bytes.fromhex(random)) for random in randoms)}
    return found


def leaked(keys: set[bytes], outputs: set[bytes]) -> list[bytes]:
    """The outputs in which a key stands: as it is, or in hexadecimal of either case."""
    forms = [form for key in keys for form in (key, key.hex().encode(), key.hex().upper().encode())]
    return [output for output in outputs if any(form in output for form in forms)]
