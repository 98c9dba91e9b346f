"""INITIALIZE, DEBIT and CREDIT of the transport purse, the compound cache, and the proof of the last transaction."""

from collections.abc import Mapping
from types import MappingProxyType

from emulator.card.chip import Chip
from emulator.card.image import CyclicFile
from emulator.card.memory import CyclicRecords, Record, Write
from emulator.card.purse.crypto import assemble, mac4, session_key, tac
from emulator.card.transport.balance import told
from emulator.card.transport.cells import PurseCell
from emulator.card.transport.session import Cached, Running, session_of
from onecard.spec.card import Command, FileSpec
from onecard.spec.card_transport import Transaction

LAST_SEQUENCE = 0xFFFF
SEQUENCE, OVERDRAFT, RANDOM, MAC = 2, 3, 4, 4
CREDIT = "credit"
# The functions that the keys of a transaction must have: by its effect, and of the TAC.
FUNCTIONS: Mapping[str, str] = MappingProxyType({CREDIT: "load", "debit": "purchase"})
TAC = "tac"
KEY_BYTES = 16
AMOUNT = slice(1, 5)
TERMINAL = slice(5, 11)
# How balances in answers and MACs are told: the overdraft limit stands beside them.
PLAIN = "without-overdraft"


class PurseCommand:
    """What the commands of the purse share."""

    __slots__ = ("_chip", "_command", "_session")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        self._session = session_of(chip)

    def _blocked(self) -> bool:
        return self._chip.behaviour.application_blocked(self._command.id, self._session.image.blocked)

    def _balance(self) -> bytes:
        return told(self._session.image, PLAIN, self._chip.behaviour)

    def _serves(self, name: str, function: str, index: int) -> bool:
        """Whether a key of the purse has this function and this index (its key id)."""
        key, mine = self._chip.spec.keys.get(name), self._session.data.purse.application
        if key is None or (key.function, key.application) != (function, mine):
            return False
        return self._chip.behaviour.knows_index(index, key.key_id)

    def _tac_key(self, running: Running) -> bytes:
        # A card without a TAC key of this index computes with zeros: there is no status word for it.
        name = running.transaction.tac_key
        return self._purse_key(name) if self._serves(name, TAC, running.index) else bytes(KEY_BYTES)

    def _purse_key(self, name: str) -> bytes:
        root = self._chip.image.keys[name][self._session.data.purse.key_version]
        return self._chip.behaviour.transport_key(root, self._session.image.keys[name])

    def _session_key(self, running: Running) -> bytes:
        transaction = running.transaction
        key = self._purse_key(transaction.key)
        made = session_key(self._session.data.purse.algorithm, key, assemble(transaction.session, running.fields))
        return self._chip.behaviour.transport_session(transaction.id, made)


class Initialize(PurseCommand):
    """``80 50 P1 02 0B``: key index, amount, terminal; P1 says which transaction. Any other one is over."""

    __slots__ = ("_transactions",)

    def __init__(self, chip: Chip, command: Command) -> None:
        super().__init__(chip, command)
        self._transactions = {each.p1: each for each in self._session.data.transactions}

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command = self._chip, self._command
        self._session.end()
        transaction = self._transactions.get(p1)
        right = transaction is not None and p2 == command.number("p2")
        if transaction is None or not chip.behaviour.accepts_parameters(command.id, p1, p2, right):
            return chip.refuse(command, "parameters")
        refusal = self._refusal(transaction, data)
        return chip.refuse(command, refusal) if refusal else self._begin(transaction, data)

    def _refusal(self, transaction: Transaction, data: bytes) -> str | None:
        purse, behaviour = self._session.image, self._chip.behaviour
        if self._blocked():
            return "blocked"
        if not self._serves(transaction.key, FUNCTIONS[transaction.effect], data[0]):
            return "key"
        if getattr(purse, transaction.counter) >= LAST_SEQUENCE:
            return "counter"
        amount = int.from_bytes(data[AMOUNT], "big")
        if transaction.effect != CREDIT and not behaviour.affordable(purse.balance, purse.overdraft, amount):
            return "funds"
        return None

    def _begin(self, transaction: Transaction, data: bytes) -> bytes:
        chip, behaviour, purse, rules = self._chip, self._chip.behaviour, self._session.image, self._session.data.purse
        fields = {
            "balance": self._balance(),
            "sequence": getattr(purse, transaction.counter).to_bytes(SEQUENCE, "big"),
            "overdraft": purse.overdraft.to_bytes(OVERDRAFT, "big"),
            "key-version": bytes((rules.key_version,)),
            "algorithm": bytes((rules.identifier,)),
            "random": behaviour.transaction_random(transaction.id, chip.random(RANDOM)),
            "amount": data[AMOUNT],
            "type": bytes((transaction.type,)),
            "terminal": data[TERMINAL],
        }
        running = Running(transaction, data[0], fields)
        kept = behaviour.caches_of_new_transaction([each.record for each in self._session.abandoned])
        running.caches = self._session.abandoned[:kept]
        if transaction.effect == CREDIT:
            session = self._session_key(running)
            fields["mac1"] = mac4(rules.algorithm, session, assemble(transaction.mac1, fields))
        self._session.running = running
        return chip.announce(
            self._command.id, behaviour.initialised(transaction.id, assemble(transaction.answer, fields))
        )


class Complete(PurseCommand):
    """DEBIT ``80 54 01 00 0F`` and CREDIT ``80 52 00 00 0B``: the MAC decides; everything is written, or nothing."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour, session = self._chip, self._command, self._chip.behaviour, self._session
        running = session.running
        right = (p1, p2) == (command.number("p1"), command.number("p2"))
        if not behaviour.accepts_parameters(command.id, p1, p2, right):
            session.refused()
            return chip.refuse(command, "parameters")
        name = running.transaction.id if running is not None else None
        if running is None or behaviour.transaction_open(command.words("completes"), name) is None:
            session.refused()
            return chip.refuse(command, "state")
        given = self._take(running, data)
        key = self._session_key(running)
        mac1, mac2 = self._macs(running, key)
        computed = mac2 if running.transaction.effect == CREDIT else mac1
        if not behaviour.accepts_purse_mac(running.transaction.id, computed, given):
            session.refused()
            return chip.refuse(command, "mac")
        answer = self._book(running, mac2)
        session.running = None
        session.abandoned = []
        return chip.announce(command.id, answer)

    def _take(self, running: Running, data: bytes) -> bytes:
        # DEBIT begins with the terminal's sequence number; both go on with date and time and end in the MAC.
        date = len(data) - MAC - 7
        running.fields["terminal-sequence"] = data[:date]
        running.fields["date"] = data[date : date + 4]
        running.fields["time"] = data[date + 4 : date + 7]
        return data[-MAC:]

    def _macs(self, running: Running, key: bytes) -> tuple[bytes, bytes]:
        algorithm, transaction = self._session.data.purse.algorithm, running.transaction
        mac1, mac2 = (assemble(inputs, running.fields) for inputs in (transaction.mac1, transaction.mac2))
        return mac4(algorithm, key, mac1), mac4(algorithm, key, mac2)

    def _book(self, running: Running, mac2: bytes) -> bytes:
        """Write the transaction; the answer."""
        chip, behaviour, purse = self._chip, self._chip.behaviour, self._session.image
        transaction, fields = running.transaction, running.fields
        amount = int.from_bytes(fields["amount"], "big")
        right = purse.balance + (amount if transaction.effect == CREDIT else -amount)
        after = behaviour.balance_after(transaction.id, purse.balance, amount, right)
        fields["balance-after"] = max(behaviour.tac_balance(purse.balance, after), 0).to_bytes(4, "big")
        code = tac(self._session.data.purse.algorithm, self._tac_key(running), assemble(transaction.tac, fields))
        sequence = getattr(purse, transaction.counter)
        proof = fields["type"] + fields["sequence"] + mac2 + code
        chip.memory.put(
            (PurseCell("balance"), after),
            (PurseCell(transaction.counter), behaviour.sequence_after(transaction.id, sequence)),
            (PurseCell("proof"), proof),
            *self._logged(running),
            *self._cached(running),
        )
        answer = code if transaction.effect == CREDIT else code + mac2
        return behaviour.transaction_answer(transaction.id, mac2, code, answer)

    def _logged(self, running: Running) -> list[Write]:
        log = self._session.data.purse.log
        record = self._chip.behaviour.transaction_logged(
            running.transaction.id, assemble(running.transaction.log, running.fields)
        )
        return [] if record is None else self._newest(log, record)

    def _newest(self, file: str, record: bytes) -> list[Write]:
        # Only a cyclic file takes a newest record, and only records of its length.
        content = self._chip.image.files[file]
        if not isinstance(content, CyclicFile):
            return []
        whole = record[: content.length].ljust(content.length, b"\x00")
        return [(CyclicRecords(file), (whole, *content.records)[: content.capacity])]

    def _cached(self, running: Running) -> list[Write]:
        written = self._chip.behaviour.caches_committed([each.record for each in running.caches])
        found: list[Write] = []
        for each in running.caches[:written]:
            own: list[Write] = [] if each.index is None else [(Record(each.file, each.index), each.record)]
            found += own or self._newest(each.file, each.record)
        return found


class Cache(PurseCommand):
    """``80 DC P1 P2`` and a whole record: kept until the compound purchase succeeds. P1 is the second byte of the
    record meant (00 for the cyclic file), P2 the file's SFI in its high five bits.
    """

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, session = self._chip, self._command, self._session
        running = session.running
        name = running.transaction.id if running is not None else None
        if running is None or chip.behaviour.transaction_open(command.words("completes"), name) is None:
            session.refused()
            return chip.refuse(command, "state")
        file = chip.files.file_by_sfi(chip.position.application, p2 >> 3)
        if file is None or file.id not in (command.parameters["records"], command.parameters["log"]):
            return chip.refuse(command, "file-not-found")
        if p2 & 0x07 or (file.id == command.parameters["log"] and p1):
            return chip.refuse(command, "parameters")
        if length != file.record_length:
            return chip.refuse(command, "length")
        cached = self._cached(file, p1, data)
        if cached is None:
            return chip.refuse(command, "record-not-found")
        running.caches.append(cached)
        if chip.behaviour.cache_written_at_once() and cached.index is not None:
            chip.memory.put((Record(cached.file, cached.index), cached.record))
        return chip.ok()

    def _cached(self, file: FileSpec, p1: int, data: bytes) -> Cached | None:
        if file.id == self._command.parameters["log"]:
            return Cached(file.id, None, data)
        records = self._chip.image.linear(file.id).records
        found = [at for at, record in enumerate(records) if self._chip.behaviour.finds_cached_record(record[1], p1)]
        return Cached(file.id, found[0], data) if found else None


class Proof(PurseCommand):
    """``80 5A 00 type 02``: MAC and TAC of the last transaction, if it is of this type and sequence number."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        if not behaviour.accepts_parameters(command.id, p1, p2, p1 == command.number("p1")):
            return chip.refuse(command, "parameters")
        if self._blocked():
            return chip.refuse(command, "blocked")
        proof = self._session.image.proof
        if not proof or not behaviour.proof_matches(proof, bytes((p2,)) + data):
            return chip.refuse(command, "unavailable")
        return chip.announce(command.id, behaviour.proof_given(proof[1 + SEQUENCE :]))
