"""Command sequences for the model: drawn from a byte stream, chosen by what the model knows, harmless to the card.

Nothing that is drawn is secret. A sequence never sends a wrong PIN, sends wrong authentication data only to a key whose
tries are known to be full and more than two, and pays that debt at once with right data; it writes what it read, into
the record with the same identifier, and nothing else.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from onecard.oracle import session
from onecard.oracle.blocks import xor
from onecard.oracle.model.card import ABSENT_CLASSES, ABSENT_INSTRUCTIONS, CardModel
from onecard.oracle.model.files import ABSENT_SFIS, ENVIRONMENT
from onecard.oracle.model.rules import View
from onecard.oracle.model.security import ABSENT_KEY_IDS
from onecard.oracle.model.select import ABSENT_FIDS, ABSENT_NAMES, MF_FID
from onecard.oracle.model.state import Held, Place
from onecard.oracle.sm3 import sm3
from onecard.oracle.tlv import simple_tlv_encode
from onecard.spec.card import FileSpec, KeySpec

T = TypeVar("T")


class Draw:
    """Choices from a stream of bytes: the same bytes, the same choices."""

    def __init__(self, octets: Iterable[int]) -> None:
        self._octets = iter(octets)

    @classmethod
    def from_seed(cls, seed: bytes) -> "Draw":
        """An endless stream of SM3 digests of the seed and a counter of 8 bytes."""

        def stream() -> Iterator[int]:
            counter = 0
            while True:
                yield from sm3(seed + counter.to_bytes(8))
                counter += 1

        return cls(stream())

    def octets(self, count: int) -> bytes:
        """The next ``count`` bytes. A stream that ends is an error of the caller (StopIteration never escapes)."""
        taken = bytes(octet for _, octet in zip(range(count), self._octets, strict=False))
        if len(taken) < count:
            raise EOFError("the byte stream of the generator has ended")
        return taken

    def below(self, bound: int) -> int:
        """A number from 0 to ``bound`` - 1 (at most 256 values), all equally likely."""
        limit = 256 - 256 % bound
        while (octet := self.octets(1)[0]) >= limit:
            pass
        return octet % bound

    def choice(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]


@dataclass(frozen=True, slots=True)
class Step:
    """The next thing to do: send ``command``, or reset the card where it is None.

    ``owes``: id of a key that has lost a try; the sequence must not be left before a step without it was answered.
    """

    command: bytes | None
    owes: str | None = None


Steps: TypeAlias = Iterator[Step]
Story: TypeAlias = Callable[[CardModel, Draw], Steps]


def _header(model: CardModel, command_id: str) -> bytes:
    command = model.card.spec.command(command_id)
    return bytes([command.cla, command.ins])


def _case2(model: CardModel, command_id: str, p1: int, p2: int, le: int) -> Step:
    return Step(_header(model, command_id) + bytes([p1, p2, le & 0xFF]))


def _case3(model: CardModel, command_id: str, p1: int, p2: int, data: bytes) -> Step:
    return Step(_header(model, command_id) + bytes([p1, p2, len(data)]) + data)


def _case4(model: CardModel, command_id: str, p1: int, p2: int, data: bytes) -> Step:
    # In T=0 a case-4 command goes without Le.
    le = b"\x00" if model.card.view is View.APDU else b""
    return Step(_header(model, command_id) + bytes([p1, p2, len(data)]) + data + le)


def _fetch(model: CardModel, draw: Draw) -> Steps:
    waiting = model.state.waiting
    if model.card.view is View.APDU or waiting is None or not waiting.fresh:
        return
    if draw.below(4) == 0:
        yield _case2(model, "GET-RESPONSE", 0, 0, 0)
    if draw.below(8):
        yield _case2(model, "GET-RESPONSE", 0, 0, waiting.length)


def _method(model: CardModel, by: str, finds: str) -> int:
    methods = model.card.spec.command("SELECT").methods
    narrow = sorted((m for m in methods if m.by == by and finds in m.finds), key=lambda m: len(m.finds))
    return narrow[0].p1


def _select_environment(model: CardModel, draw: Draw) -> Steps:
    environment = model.card.spec.applications[ENVIRONMENT]
    yield _case4(model, "SELECT", _method(model, "name", "df"), 0, environment.df_name)
    yield from _fetch(model, draw)


def _select_application(model: CardModel, draw: Draw) -> Steps:
    application = draw.choice([found for found in model.card.spec.applications.values() if found.parent == ENVIRONMENT])
    if not application.fid or draw.below(2) == 0:
        yield _case4(model, "SELECT", _method(model, "name", "df"), 0, application.df_name)
    else:
        yield _case4(model, "SELECT", _method(model, "fid", "df"), 0, application.fid.to_bytes(2))
    yield from _fetch(model, draw)
    if draw.below(2):
        yield from _select_environment(model, draw)


def _select_mf(model: CardModel, draw: Draw) -> Steps:
    data = draw.choice([b"", MF_FID.to_bytes(2)])
    yield _case4(model, "SELECT", _method(model, "fid", "df"), 0, data)
    yield from _fetch(model, draw)


def _files_here(model: CardModel) -> list[FileSpec]:
    return [file for file in model.card.spec.files.values() if file.application == model.state.application]


def _select_file(model: CardModel, draw: Draw) -> Steps:
    files = [file for file in _files_here(model) if file.fid]
    if files:
        file = draw.choice(files)
        yield _case3(model, "SELECT", _method(model, "fid", "ef"), 0, file.fid.to_bytes(2))


def _select_absent(model: CardModel, draw: Draw) -> Steps:
    if draw.below(2):
        yield _case4(model, "SELECT", _method(model, "name", "df"), 0, draw.choice(ABSENT_NAMES))
    else:
        finds = draw.choice(["df", "ef"])
        yield _case4(model, "SELECT", _method(model, "fid", finds), 0, draw.choice(ABSENT_FIDS).to_bytes(2))
    yield from _select_environment(model, draw)


def _select_wrongly(model: CardModel, draw: Draw) -> Steps:
    wrong = draw.choice([(0x0F, 0x00, b"\x3f\x00"), (_method(model, "fid", "ef"), 0x00, b"\xef\x05\x00")])
    yield _case4(model, "SELECT", *wrong)
    yield from _select_environment(model, draw)


def _addressed(model: CardModel, draw: Draw) -> tuple[FileSpec, int] | None:
    """A file of the current application and the SFI that names it, 0 for the current file."""
    files = _files_here(model)
    if not files:
        return None
    file = draw.choice(files)
    sfi = draw.choice([0, file.sfi or 0])
    current = model.state.file
    if sfi == 0 and not isinstance(current, Place):
        file = model.card.spec.file(current)
    return file, sfi


def _read(model: CardModel, draw: Draw) -> Steps:
    addressed = _addressed(model, draw)
    if addressed is None:
        return
    file, sfi = addressed
    mode = draw.choice(model.card.spec.command("READ-RECORD").modes)
    count = len(file.record_order) or file.record_count
    numbers = range(1, count + 2)
    p1 = draw.choice(numbers if mode.by == "number" else [*file.record_order, 0x7E])
    yield from _with_length(model, draw, "READ-RECORD", p1, sfi << 3 | mode.number)


def _read_binary(model: CardModel, draw: Draw) -> Steps:
    addressed = _addressed(model, draw)
    if addressed is None:
        return
    file, sfi = addressed
    form = model.card.spec.command("READ-BINARY").number("sfi-form")
    offset = draw.choice([0, 1, 0x7F, 0xFF, max(file.size - 1, 0), file.size])
    p1, p2 = (form | sfi, offset & 0xFF) if sfi else (offset >> 8, offset & 0xFF)
    yield from _with_length(model, draw, "READ-BINARY", p1, p2)


def _with_length(model: CardModel, draw: Draw, command_id: str, p1: int, p2: int) -> Steps:
    """A case-2 command with some Le, and with the one that the card names."""
    step = _case2(model, command_id, p1, p2, draw.choice([0, 1, 0x10, 0xFF]))
    exact = _length_named(model, step)
    if exact is not None and draw.below(4):
        yield _case2(model, command_id, p1, p2, exact)
        return
    yield step
    exact = _length_named(model, step)
    if exact is not None:
        yield _case2(model, command_id, p1, p2, exact)


def _length_named(model: CardModel, step: Step) -> int | None:
    """The length that the model expects the card to name after 6C, if that is a possible answer."""
    prediction = model.predict(step.command or b"")
    first = model.card.spec.t0.wrong_le
    statuses = [answer.status for answer in prediction.alternatives if answer.status is not None]
    return next((status.base & 0xFF for status in statuses if status.base >> 8 == first), None)


def _read_wrongly(model: CardModel, draw: Draw) -> Steps:
    p1, p2 = draw.choice([(1, sfi << 3 | 4) for sfi in ABSENT_SFIS] + [(1, 7), (1, 4), (0xFF, 4)])
    yield _case2(model, "READ-RECORD", p1, p2, draw.choice([0, 0x10]))


def _update_same(model: CardModel, draw: Draw) -> Steps:
    known = [
        (file, tag, model.state.records[file.id, index])
        for file in _files_here(model)
        for index, tag in enumerate(file.record_order)
        if file.sfi and (file.id, index) in model.state.records and file.record_order.count(tag) == 1
    ]
    if not known:
        return
    file, tag, value = draw.choice(known)
    # By identifier only: on a card whose order is wrong a number would name another record.
    mode = next(mode for mode in model.card.spec.command("UPDATE-RECORD").modes if mode.by == "identifier")
    yield _case3(model, "UPDATE-RECORD", tag, (file.sfi or 0) << 3 | mode.number, simple_tlv_encode(tag, value))


def _challenge(model: CardModel, draw: Draw) -> Steps:
    lengths = model.card.spec.command("GET-CHALLENGE").lengths
    yield _case2(model, "GET-CHALLENGE", 0, 0, draw.choice(lengths))


def _challenge_wrongly(model: CardModel, draw: Draw) -> Steps:
    yield _case2(model, "GET-CHALLENGE", *draw.choice([(0, 0, 5), (0, 0, 1), (1, 0, 8), (0, 1, 8)]))


def _internal(model: CardModel, draw: Draw) -> Steps:
    version = draw.choice([b"", *(bytes([version]) for version in model.card.spec.key_versions)])
    yield _case4(model, "INTERNAL-AUTHENTICATE", 0, 0, draw.octets(16) + version)
    yield from _fetch(model, draw)


def _internal_wrongly(model: CardModel, draw: Draw) -> Steps:
    unknown = max(model.card.spec.key_versions) + 1
    p1, data = draw.choice([(0, bytes(15)), (0, bytes(18)), (0, bytes(16) + bytes([unknown])), (1, bytes(16))])
    yield _case4(model, "INTERNAL-AUTHENTICATE", p1, 0, data)


def _external_keys(model: CardModel) -> list[tuple[KeySpec, int]]:
    here = model.state.application
    return [
        (key, version)
        for key in model.card.spec.keys.values()
        for version in model.card.spec.key_versions
        if (key.function, key.application) == ("external-authentication", here) and (key.id, version) in model.card.keys
    ]


def _answer_to_challenge(model: CardModel, draw: Draw, key: KeySpec, version: int) -> tuple[bytes, bytes]:
    """Right authentication data for the last challenge, and what follows them in the command."""
    card = model.card
    original = draw.octets(8)
    process = session.session_key(card.rules, card.keys[key.id, version], model.state.challenge)
    tail = b"" if version == card.spec.default_key_version and draw.below(2) else bytes([version])
    return session.authentication_data(card.rules, process, original), original + tail


def _authenticate(model: CardModel, draw: Draw, key: KeySpec, version: int) -> Steps:
    usable = [n for n in model.card.spec.command("GET-CHALLENGE").lengths if n in model.card.rules.random_lengths]
    yield _case2(model, "GET-CHALLENGE", 0, 0, draw.choice(usable))
    if model.state.challenge_held is Held.YES:
        right, tail = _answer_to_challenge(model, draw, key, version)
        yield _case3(model, "EXTERNAL-AUTHENTICATE", 0, key.key_id, right + tail)


def _external(model: CardModel, draw: Draw) -> Steps:
    keys = _external_keys(model)
    if keys:
        key, version = draw.choice(keys)
        yield from _authenticate(model, draw, key, version)


def _external_again(model: CardModel, draw: Draw) -> Steps:
    keys = _external_keys(model)
    if keys and model.state.challenge and model.state.challenge_held is Held.NO:
        key, version = draw.choice(keys)
        if len(model.state.challenge) in model.card.rules.random_lengths:
            right, tail = _answer_to_challenge(model, draw, key, version)
            yield _case3(model, "EXTERNAL-AUTHENTICATE", 0, key.key_id, right + tail)


_FEWEST_TRIES: Final = 3


def _external_wrong_then_right(model: CardModel, draw: Draw) -> Steps:
    declared = int(model.card.spec.ics["card.key_try_limit"])
    full = [
        (key, version)
        for key, version in _external_keys(model)
        if model.state.key_tries.get(key.id) == (key.tries or declared) >= _FEWEST_TRIES
    ]
    if not full:
        return
    key, version = draw.choice(full)
    yield _case2(model, "GET-CHALLENGE", 0, 0, 8)
    if model.state.challenge_held is not Held.YES:
        return
    right, tail = _answer_to_challenge(model, draw, key, version)
    wrong = xor(right, bytes([1 << draw.below(8)]).rjust(1 + draw.below(8), b"\x00").ljust(8, b"\x00"))
    yield Step(_case3(model, "EXTERNAL-AUTHENTICATE", 0, key.key_id, wrong + tail).command, owes=key.id)
    for step in _authenticate(model, draw, key, version):
        last = step.command is not None and step.command[:2] == _header(model, "EXTERNAL-AUTHENTICATE")
        yield step if last else Step(step.command, owes=key.id)


def _external_wrongly(model: CardModel, draw: Draw) -> Steps:
    # Shapes that are refused before any comparison: no try is at stake.
    data = bytes(16)
    p1, p2, body = draw.choice(
        [(0, ABSENT_KEY_IDS[0], data), (0, ABSENT_KEY_IDS[1], data), (0, ABSENT_KEY_IDS[0], bytes(15))]
    )
    yield _case3(model, "EXTERNAL-AUTHENTICATE", p1, p2, body)


def _verify_query(model: CardModel, draw: Draw) -> Steps:
    p2 = draw.choice([0, 0, 0, 2])
    yield Step(_header(model, "VERIFY") + bytes([0, p2, 0]))


def _verify(model: CardModel, draw: Draw) -> Steps:
    del draw
    if model.card.pin is not None and model.card.spec.ics["card.pin"] and model.state.pin_tries != 0:
        yield _case3(model, "VERIFY", 0, 0, model.card.pin)


def _unknown(model: CardModel, draw: Draw) -> Steps:
    del model
    cla, ins = draw.choice(
        [
            (ABSENT_CLASSES[0], 0xB2),
            (ABSENT_CLASSES[1], 0x84),
            (0x00, ABSENT_INSTRUCTIONS[0]),
            (0x00, ABSENT_INSTRUCTIONS[1]),
        ]
    )
    yield Step(bytes([cla, ins, 0, 0, 0]))


def _nothing_waiting(model: CardModel, draw: Draw) -> Steps:
    del draw
    if model.card.view is View.RAW_T0 and model.state.waiting is None:
        yield _case2(model, "GET-RESPONSE", 0, 0, 8)


def _reset(model: CardModel, draw: Draw) -> Steps:
    yield Step(None)
    yield from _select_environment(model, draw)


_WEIGHTED: Final[tuple[tuple[int, Story], ...]] = (
    (2, _select_environment),
    (2, _select_application),
    (1, _select_mf),
    (3, _select_file),
    (1, _select_absent),
    (1, _select_wrongly),
    (12, _read),
    (2, _read_binary),
    (2, _read_wrongly),
    (2, _update_same),
    (2, _challenge),
    (1, _challenge_wrongly),
    (3, _internal),
    (1, _internal_wrongly),
    (5, _external),
    (2, _external_again),
    (1, _external_wrong_then_right),
    (1, _external_wrongly),
    (1, _verify_query),
    (1, _verify),
    (1, _unknown),
    (1, _nothing_waiting),
    (1, _reset),
)
_STORIES: Final = tuple(story for weight, story in _WEIGHTED for _ in range(weight))


def sequence(draw: Draw, model: CardModel, length: int) -> Steps:
    """About ``length`` steps, the first being a reset and a selection of the environment.

    Between two steps the caller must have told the model: ``model.reset()`` after a reset, ``model.observe`` after a
    command. The sequence ends between stories, never owing a key a try; a caller that must stop earlier looks at
    ``Step.owes``. Keys and PIN of the model must be right: one wrong key or PIN would be tried many times.
    """
    done = 0
    stories = iter((_reset,))
    while done < length:
        for step in next(stories, draw.choice(_STORIES))(model, draw):
            done += 1
            yield step
