"""Reading basic data in two steps, with an encryptor that the caller asks between them."""

from collections.abc import Mapping

from emulator.terminal.steps import Arguments, Function, Session, Steps
from emulator.terminal.strings import taken_apart, written

PROOF_DIGITS = 16


class ReadingByEncryptor:
    """iReadCardBas_HSM_Step1 and iReadCardBas_HSM_Step2."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def functions(self) -> Mapping[str, Function]:
        """The functions by the end of their id in the data."""
        return {"READ-BASIC-STEP-1": self._step_1, "READ-BASIC-STEP-2": self._step_2}

    def _step_1(self, arguments: Arguments) -> str:
        steps = self._steps
        steps.session = None
        if steps.failed_before and not steps.behaviour.serves_after_failure():
            raise steps.reader.failure("ORDER")
        card = steps.begin(arguments)
        if card.algorithm is None:
            raise steps.reader.failure("SAM-ALGORITHM")
        original, random = (steps.behaviour.random(steps.reader.challenge(card)) for _ in range(2))
        proof = steps.reader.internal_authentication(card, random, original)
        key = steps.key_of(card)
        # The first challenge is the original data, the second, the card's last, the process factor.
        external = [steps.reader.challenge(card).hex().upper() for _ in range(2)] if key else ["", ""]
        steps.session = Session(card, proof, key)
        values = {
            "region": card.region,
            "historical": card.historical.hex().upper(),
            "algorithm": f"{card.algorithm.identifier:02X}",
            "internal-factor": random.hex().upper(),
            "internal-original": original.hex().upper(),
            "external-factor": external[1],
            "external-original": external[0],
        }
        fields = steps.behaviour.request_values(values)
        return steps.behaviour.request_text(written(steps.spec.request, card.items, fields, steps.behaviour))

    def _step_2(self, arguments: Arguments) -> str:
        steps = self._steps
        session = steps.session
        if session is None or session.step:
            steps.session = None
            raise steps.reader.failure("ORDER")
        if steps.behaviour.session_ends():
            steps.session = None
        internal, external = self._key_input(str(arguments.get("pKey", "")), session)
        steps.known = session.card.items
        expected = bytes.fromhex(internal[:PROOF_DIGITS])
        genuine = steps.behaviour.card_is_genuine_by_encryptor(expected, session.proof)
        steps.check_validity(session.card, genuine, "INTERNAL-BY-ENCRYPTOR")
        if session.key is not None:
            proof, original = bytes.fromhex(external[:PROOF_DIGITS]), bytes.fromhex(external[PROOF_DIGITS:])
            steps.reader.external_authentication(session.card, session.key, proof, original)
        steps.reader.read_holder_data(session.card)
        return steps.finished(session.card, steps.sam()[1])

    def _key_input(self, text: str, session: Session) -> tuple[str, str]:
        steps = self._steps
        fields = taken_apart(steps.spec.key_input, text)
        right = None
        if fields is not None and fields["internal"] and bool(fields["external"]) == (session.key is not None):
            right = fields["internal"], fields["external"]
        taken = steps.behaviour.key_input(text, right)
        if taken is None:
            raise steps.reader.failure("KEY-INPUT")
        return taken
