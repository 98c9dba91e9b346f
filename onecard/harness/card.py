"""The card as a case sees it: commands, preamble steps, care for the sample, and undoing."""

from onecard.evidence.canonical import canonical_value
from onecard.evidence.messages import MEASUREMENT
from onecard.harness.apdu import Apdu
from onecard.harness.apdu_subject import ApduSubject, Response
from onecard.harness.context import Identity, RunContext, Sample
from onecard.harness.verdict import Inconclusive, PreambleFailed
from onecard.harness.wire import Wire
from onecard.oracle import session as computation
from onecard.oracle.laboratory import Measured, measured_of
from onecard.spec.card import T0, Access, AccessRule, FileSpec, Status
from onecard.spec.card_measurements import Quantity
from onecard.spec.text import Text

LEAST_TRIES = 2
"""A case never leaves a counter below this (design: care for a vendor's card)."""


class CardUnderTest(ApduSubject):
    """One sample card during one case."""

    def __init__(
        self, context: RunContext, sample: Sample, wire: Wire, case: str, requirements: tuple[str, ...]
    ) -> None:
        super().__init__(context, sample, wire, case, requirements)
        self.spec = context.card
        self.apdu = Apdu(context.card)
        self.rules = computation.rules_of(context.card)

    # --- what the case may ask about its circumstances ---

    @property
    def success(self) -> Status:
        """Status 9000."""
        return self.spec.general.ok

    @property
    def t0(self) -> T0:
        """How T=0 announces data and a wrong Le."""
        return self.spec.t0

    @property
    def historical_length(self) -> int:
        """How many historical bytes the ATR ends in."""
        return self.spec.atr.historical_length

    def get_response(self, length: int) -> bytes:
        """The GET RESPONSE command."""
        return self.apdu.get_response(length)

    @property
    def keys_diversified(self) -> bool:
        """Whether the key source gives root keys."""
        return self._context.keys.diversified

    @property
    def pin_bytes(self) -> bytes:
        """The PIN of the IXIT in BCD; Inconclusive without one, or when the card refused it before."""
        if "PIN" in self._sample.refused:
            raise Inconclusive(
                zh="卡片已拒绝过 IXIT 中的密码，不再重试",
                en="the card refused the PIN of the IXIT before; it is not tried again",
            )
        value = self._wire.secret("PIN", self._context.keys.pin)
        if value is None:
            raise Inconclusive(zh="IXIT 未给出密码（pin）", en="the IXIT gives no PIN (key `pin`)")
        return value

    def require_raw_t0(self) -> None:
        """Inconclusive when the reader hides T=0."""
        if not self.raw_t0:
            raise Inconclusive(
                zh="读卡器不透出 T=0 状态字节（61xx、6Cxx）", en="the reader hides the T=0 status bytes (61xx, 6Cxx)"
            )

    def measurement(self, quantity: Quantity) -> Measured:
        """What the laboratory's sheet says of a quantity; Inconclusive where it says nothing."""
        message, self.last_event = self._wire.exchange({"do": MEASUREMENT, "quantity": quantity.id})
        self.last_answer = canonical_value(message)
        if not message["values"]:
            raise Inconclusive(
                zh=f"测量记录没有 {quantity.id}（{quantity.name.zh}）",
                en=f"the laboratory's sheet has no {quantity.id} ({quantity.name.en})",
            )
        return measured_of(quantity, message)

    # --- preamble steps: a card that does not do them is judged by their own cases ---

    def select_environment(self) -> bytes:
        """Select SSSE by name; its FCI."""
        name = self.spec.applications["SSSE"].aid
        return self.preamble(self.send(self.apdu.select_name(name)), Text("选择 SSSE", "select SSSE")).data

    def enter_environment(self) -> None:
        """Stand in SSSE after a reset: it is current then where it is the MF, and is selected where it is not."""
        if not self.ics["card.ssse_is_mf"]:
            self.select_environment()

    def select_application(self, application: str) -> bytes:
        """Select an application by its AID, or without one by its label; its FCI."""
        name = self.spec.applications[application].df_name
        return self.preamble(
            self.send(self.apdu.select_name(name)), Text(f"选择 {application}", f"select {application}")
        ).data

    def select_world(self, application: str) -> bytes:
        """Select an application from anywhere: the environments above it first; its FCI."""
        fci = b""
        for each in reversed(self.spec.lineage(application)):
            fci = self.select_application(each)
        return fci

    def select_file(self, file_id: str) -> None:
        """Select an EF of the current application."""
        command = self.apdu.select_ef(self.spec.file(file_id).fid)
        self.preamble(self.send(command), Text(f"选择 {file_id}", f"select {file_id}"))

    def get_challenge(self, length: int) -> bytes:
        """A challenge of the card."""
        response = self.send(self.apdu.get_challenge(length))
        return self.preamble(response, Text("取随机数", "get a challenge"), length).data

    def open_file(self, file_id: str, purpose: str = "read") -> None:
        """Select a file of any application with the right to ``read`` or ``update`` it proved: PIN and key where both
        are asked for, the key alone where either will do.
        """
        file = self.spec.file(file_id)
        self.select_world(file.application)
        for rule in (file.read, file.update) if purpose == "update" else (file.read,):
            self.prove_right(rule, file_id)
        self.select_file(file_id)

    def prove_right(self, rule: AccessRule, what: str) -> None:
        """Prove what an access rule asks for; Inconclusive where nothing opens."""
        if rule.access is Access.NEVER:
            raise Inconclusive(zh=f"{what} 不开放", en=f"{what} is never open")
        if rule.access in (Access.PIN, Access.PIN_AND_KEY):
            self.present_pin()
        if rule.key is not None:
            self.authenticate_external(rule.key)

    def present_pin(self) -> None:
        """Verify the PIN of the IXIT as a preamble; where none is set nothing is asked for."""
        if not self.ics["card.pin"]:
            return
        response = self.send(self.apdu.verify(self.pin_bytes))
        self.noted("PIN", response)
        self.preamble(response, Text("校验密码", "verify the PIN"))

    def open_for_reading(self, file_id: str) -> None:
        """Environment, authentication where the access rule asks for it, and the file."""
        self._open(file_id, self.spec.file(file_id).read.key)

    def open_for_update(self, file_id: str) -> None:
        """As open_for_reading, with the update key too."""
        file = self.spec.file(file_id)
        self._open(file_id, file.read.key, file.update.key)

    def _open(self, file_id: str, *keys: str | None) -> None:
        file: FileSpec = self.spec.file(file_id)
        if file.read.access is Access.NEVER:
            raise Inconclusive(zh=f"{file_id} 不可读", en=f"{file_id} is never readable")
        self.select_environment()
        for key in dict.fromkeys(keys):
            if key is not None:
                self.authenticate_external(key)
        self.select_file(file_id)

    def read_item(self, file_id: str, tag: int) -> Response:
        """One record of the current file by its identifier, with the Le that the data say."""
        item = self.spec.file(file_id).item(tag)
        return self.send(self.apdu.read_record(tag, 0, le=item.length + 2))

    # --- keys, computed by the oracle ---

    def key(self, name: str, version: int) -> bytes:
        """A card key; Inconclusive when the key source has none."""
        value = self._wire.secret(
            f"key:{name}:{version}", lambda: self._context.keys.card_key(self.spec, name, version, self.historical)
        )
        if value is None:
            raise Inconclusive(
                zh=f"密钥来源没有 {name} 版本 {version}", en=f"the key source has no {name} version {version}"
            )
        return value

    def _version(self, version: int | None) -> tuple[int, bytes]:
        number = self.spec.default_key_version if version is None else version
        return number, b"" if version is None else bytes((version,))

    def external_authentication(
        self, key: str, challenge: bytes, original: bytes | None = None, version: int | None = None, spoil: bool = False
    ) -> bytes:
        """The EXTERNAL AUTHENTICATE command over ``challenge``; ``spoil`` flips one bit of the authentication data."""
        self.not_refused(key)
        number, suffix = self._version(version)
        datum = original if original is not None else self.random.bytes(8)
        session = computation.session_key(self.rules, self.key(key, number), challenge)
        proof = computation.authentication_data(self.rules, session, datum)
        if spoil:
            proof = bytes((proof[0] ^ 0x01,)) + proof[1:]
        return self.apdu.external_authenticate(self.spec.keys[key].key_id, proof + datum + suffix)

    def authenticate_external(self, key: str, version: int | None = None) -> None:
        """Authenticate a key as a preamble; a key that the card refused once is not tried again."""
        self.not_refused(key)
        response = self.send(self.external_authentication(key, self.get_challenge(8), version=version))
        self.noted(key, response)
        self.preamble(response, Text(f"外部鉴别 {key}", f"authenticate {key}"))

    def not_refused(self, key: str) -> None:
        """Inconclusive when the card refused this key of the key source before: it is tried once only."""
        if key in self._sample.refused:
            raise Inconclusive(
                zh=f"卡片已拒绝过密钥来源的 {key}，不再重试",
                en=f"the card refused the key source's {key} before; it is not tried again",
            )

    def internal_authentication(self, random: bytes, original: bytes, version: int | None = None) -> bytes:
        """The INTERNAL AUTHENTICATE command."""
        return self.apdu.internal_authenticate(random + original + self._version(version)[1])

    def expected_internal(self, random: bytes, original: bytes, version: int | None = None) -> bytes:
        """What the card must answer to it."""
        key = next(spec.id for spec in self.spec.keys.values() if spec.function == "internal-authentication")
        session = computation.session_key(self.rules, self.key(key, self._version(version)[0]), random)
        return computation.authentication_data(self.rules, session, original)

    # --- care for the sample ---

    def wrong_external_authentication(self, key: str, command: bytes) -> Response:
        """Send a wrong authentication with care: never below two tries, followed by the right one at the end."""
        limit = self.ics["card.key_try_limit"]
        if not isinstance(limit, int) or limit <= LEAST_TRIES:
            raise Inconclusive(
                zh=f"{key} 仅有 {limit} 次尝试，不宜试错",
                en=f"{key} has {limit} tries only: a wrong one would be too many",
            )
        self.key(key, self.spec.default_key_version)
        if key in self._sample.refused:
            raise Inconclusive(zh=f"无法用 {key} 恢复计数", en=f"the counter of {key} could not be restored")

        def restore() -> None:
            self.select_world(self.spec.keys[key].application)
            self.authenticate_external(key)

        self.at_end(f"restore the tries of {key}", restore)
        return self.send(command)

    def pin_tries(self) -> int | None:
        """Tries left by the VERIFY query; None when the card says that no PIN is set."""
        response = self.send(self.apdu.verify(b""))
        query = self.spec.command("VERIFY").query
        if query is not None and query.none.matches(response.sw):
            return None
        if response.sw & 0xFFF0 != 0x63C0:
            raise PreambleFailed(
                zh=f"密码查询以 {response.shown()} 应答", en=f"the PIN query answered {response.shown()}"
            )
        return response.sw & 0xF

    def wrong_pin(self, data: bytes) -> Response:
        """Send a wrong PIN with care: never below two tries, followed by the right PIN at the end."""
        right = self.pin_bytes
        tries = self.pin_tries()
        if tries is None or tries <= LEAST_TRIES:
            raise Inconclusive(
                zh=f"密码剩余 {tries} 次，不宜试错", en=f"the PIN has {tries} tries left: a wrong one would be too many"
            )

        def restore() -> None:
            self.enter_environment()
            response = self.send(self.apdu.verify(right))
            self.noted("PIN", response)
            self.preamble(response, Text("以正确密码恢复计数", "restore the PIN counter by the right PIN"))

        self.at_end("restore the tries of the PIN", restore)
        return self.send(self.apdu.verify(data))

    def identify(self, identity: Identity) -> None:
        """ATR, reader capability, identification code; a card that refuses a step is still run."""
        identity.atr = self.power_on().hex().upper()
        application, file = self.spec.applications["SSSE"], self.spec.file("SSSE/EF05")
        item = next(item for item in file.items if item.check == "CHECK/IDENTIFICATION-CODE")
        first = self.transmit(self.apdu.select_name(application.aid))
        self._sample.raw_t0 = not first.data
        self.send(self.apdu.select_name(application.aid))
        self.send(self.apdu.select_ef(file.fid))
        response = self.send(self.apdu.read_record(item.tag, 0, le=item.length + 2))
        if response.is_ok and len(response.data) == item.length + 2:
            identity.identification = response.data[2:].hex().upper()
