"""A conversation with a card that leaves it as it is: reading, and rights proved once each with what the user gave."""

from dataclasses import dataclass

from onecard.harness.apdu import Apdu
from onecard.harness.context import KeySource
from onecard.oracle import session as computation
from onecard.spec.card import Access, AccessRule, CardSpec
from onecard.spec.text import Text
from onecard.targets.base import CardTarget, TargetRefused

MORE_DATA, WRONG_LE = 0x61, 0x6C
CHALLENGE = 8
REFUSED_BY_READER = 0
"""In place of a status word: the reader itself refused the command."""
LEAST_TRIES = 2
"""With fewer tries left a PIN is not tried: a slip would block it."""
_PARTS = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """Data and status word."""

    data: bytes
    sw: int

    @property
    def ok(self) -> bool:
        """Status 9000."""
        return self.sw == 0x9000


class CardSession:
    """Commands to one card. A PIN or key that the card refused is not tried again; ``notes`` tell of it."""

    def __init__(self, target: CardTarget, spec: CardSpec, keys: KeySource, historical: bytes) -> None:
        self.spec = spec
        self.apdu = Apdu(spec)
        self.notes: list[Text] = []
        self._target = target
        self._keys = keys
        self._historical = historical
        self._rules = computation.rules_of(spec)
        self._refused: set[str] = set()
        self._proved: set[str] = set()

    def send(self, command: bytes) -> Answer:
        """As a terminal sends: 6Cxx is repeated with that Le, data announced by 61xx is fetched."""
        answer = self._once(command)
        if answer.sw >> 8 == WRONG_LE and len(command) == 5:
            answer = self._once(command[:4] + bytes((answer.sw & 0xFF,)))
        data = answer.data
        for _ in range(_PARTS):
            if answer.sw >> 8 != MORE_DATA:
                break
            answer = self._once(self.apdu.get_response(answer.sw & 0xFF))
            data += answer.data
        return Answer(data, answer.sw)

    def _once(self, command: bytes) -> Answer:
        try:
            raw = self._target.transmit(command)
        except TargetRefused:
            return Answer(b"", REFUSED_BY_READER)
        return Answer(raw[:-2], int.from_bytes(raw[-2:]))

    def select(self, application: str) -> Answer:
        """Select an application from anywhere, the environments above it first. What keys opened elsewhere is over."""
        self._proved = set()
        answer = Answer(b"", REFUSED_BY_READER)
        for each in reversed(self.spec.lineage(application)):
            answer = self.send(self.apdu.select_name(self.spec.applications[each].df_name))
            if not answer.ok:
                break
        return answer

    def select_file(self, fid: int) -> Answer:
        """Select an EF of the current application."""
        return self.send(self.apdu.select_ef(fid))

    def why(self, answer: Answer, missing: Text | None) -> Text:
        """Why nothing was read: the status word and its meaning, and which right is missing."""
        if answer.sw == REFUSED_BY_READER:
            return Text("读卡器拒绝了命令", "the reader refused the command")
        meaning = next(
            (named.name for named in self.spec.status_words if named.status.matches(answer.sw)), Text("", "")
        )
        zh, en = f"{answer.sw:04X} {meaning.zh}".rstrip(), f"{answer.sw:04X} {meaning.en}".rstrip()
        return Text(zh, en) if missing is None else Text(f"{zh}；{missing.zh}", f"{en}; {missing.en}")

    # --- rights ---

    def prove(self, rule: AccessRule) -> Text | None:
        """Prove what a rule asks for as far as the user gave it; returns what is missing."""
        match rule.access:
            case Access.FREE:
                return None
            case Access.NEVER:
                return Text("按规范不开放", "never open by the rules")
            case Access.PIN:
                return self._pin()
            case Access.KEY:
                return self._key(rule.key or "")
            case Access.PIN_OR_KEY:
                missing = self._key(rule.key or "")
                return missing and self._pin() and Text(f"需要密码或密钥 {rule.key}", f"it needs the PIN or {rule.key}")
            case Access.PIN_AND_KEY:
                return self._pin() or self._key(rule.key or "")

    def _pin(self) -> Text | None:
        if "PIN" in self._proved:
            return None
        pin = self._keys.pin()
        if pin is None or "PIN" in self._refused:
            return Text("需要密码（--pin）", "it needs the PIN (--pin)")
        tries = self.send(self.apdu.verify(b""))
        if tries.ok:
            return None
        if tries.sw & 0xFFF0 == 0x63C0 and tries.sw & 0xF < LEAST_TRIES:
            self._refused.add("PIN")
            left = tries.sw & 0xF
            self.notes.append(Text(f"密码只剩 {left} 次尝试，未试", f"the PIN has {left} tries left: it was not tried"))
            return Text("需要密码", "it needs the PIN")
        answer = self.send(self.apdu.verify(pin))
        return self._settled("PIN", answer)

    def _key(self, name: str) -> Text | None:
        if name in self._proved:
            return None
        key = self._keys.card_key(self.spec, name, self.spec.default_key_version, self._historical)
        if name not in self.spec.keys or key is None or name in self._refused:
            return Text(f"需要密钥 {name}（--ixit 的密钥来源）", f"it needs the key {name} (key source of --ixit)")
        challenge = self.send(self.apdu.get_challenge(CHALLENGE)).data
        if len(challenge) != CHALLENGE:
            return Text("卡片未给出随机数", "the card gave no challenge")
        session = computation.session_key(self._rules, key, challenge)
        datum = bytes(CHALLENGE)
        proof = computation.authentication_data(self._rules, session, datum) + datum
        return self._settled(name, self.send(self.apdu.external_authenticate(self.spec.keys[name].key_id, proof)))

    def _settled(self, name: str, answer: Answer) -> Text | None:
        if answer.ok:
            self._proved.add(name)
            return None
        self._refused.add(name)
        told = Text(
            f"卡片拒绝了 {name}（{answer.sw:04X}），不再重试",
            f"the card refused {name} ({answer.sw:04X}): not tried again",
        )
        self.notes.append(told)
        return told
