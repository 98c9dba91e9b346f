"""Decisions about the PSAM's own keys, updates of files, INITIALIZE ENVIRONMENT, and the loading of keys."""

from collections.abc import Set

from emulator.psam.state import LoadedKey, Session


class OwnKeyBehaviour:
    """EXTERNAL AUTHENTICATE, UPDATE BINARY, INITIALIZE ENVIRONMENT."""

    def own_key_found(self, number: int, right: str | None) -> str | None:
        """The own key that a number means here; None when there is none."""
        return right

    def challenge_to_use(self, challenge: bytes) -> bytes:
        """The challenge that a proof is made of; empty when there is none."""
        return challenge

    def challenge_after_use(self, challenge: bytes) -> bytes:
        """The challenge after an authentication or a MAC, good or bad."""
        return b""

    def accepts_proof(self, given: bytes, right: bytes) -> bool:
        """Whether an own key is proved."""
        return given == right

    def own_tries_after_failure(self, tries: int) -> int:
        """Tries left of an own key after a wrong proof."""
        return max(tries - 1, 0)

    def own_tries_after_success(self, tries: int, limit: int) -> int:
        """Tries left of an own key after a right proof."""
        return limit

    def own_key_blocked(self, tries: int) -> bool:
        """Whether an own key is blocked."""
        return tries == 0

    def rights_after_proof(self, rights: Set[str], key: str) -> Set[str]:
        """The own keys proved, after another one was."""
        return {*rights, key}

    def rights_after_failure(self, rights: Set[str], key: str) -> Set[str]:
        """The own keys proved, after a wrong proof of one."""
        return rights - {key}

    def rights_after_select(self, rights: Set[str], same: bool) -> Set[str]:
        """The own keys proved, after a DF was selected; ``same``: it was the current one."""
        return rights if same else frozenset()

    def rights_after_reset(self, rights: Set[str]) -> Set[str]:
        """The own keys proved, after a warm reset."""
        return frozenset()

    def may_update(self, file: str, right: bool) -> bool:
        """Whether a file may be updated."""
        return right

    def accepts_update(self, offset: int, length: int, size: int) -> bool:
        """Whether so many bytes fit into a file from ``offset``."""
        return offset + length <= size

    def content_after_update(self, file: str, before: bytes, right: bytes) -> bytes:
        """What a file holds after UPDATE BINARY."""
        return right

    def accepts_length_of_one(self, command: str, length: int, right: bool) -> bool:
        """Whether a command takes data of this length, of which its data name one."""
        return right

    def initialises_here(self, in_application: bool) -> bool:
        """Whether INITIALIZE ENVIRONMENT is known where the PSAM stands."""
        return True

    def session_after_initialising(self, session: Session | None) -> Session | None:
        """The session key after INITIALIZE ENVIRONMENT."""
        return None


class LoadingBehaviour:
    """CREATE KEY and CHANGE KEY."""

    def loads_here(self, in_application: bool) -> bool:
        """Whether keys are loaded where the PSAM stands."""
        return in_application

    def may_load(self, rights: Set[str], own: str) -> bool:
        """Whether the MAC under the file's own key is right enough; ``rights``: own keys proved before."""
        return True

    def accepts_loading_length(self, length: int, right: bool) -> bool:
        """Whether Lc is one of a form of the command."""
        return right

    def initial_value(self, challenge: bytes, right: bytes) -> bytes:
        """The initial value of the MAC."""
        return right

    def loading_block(self, last: bytes, right: bytes) -> bytes:
        """The MAC of a command, made of the ``last`` block."""
        return right

    def accepts_loading_mac(self, given: bytes, right: bytes) -> bool:
        """Whether the MAC of a command is right."""
        return given == right

    def loaded_plain(self, deciphered: bytes, right: bytes | None) -> bytes | None:
        """The plain data; None where LD and filling are wrong."""
        return right

    def accepts_key(self, usage: int, number: int, right: bool) -> bool:
        """Whether a new key's type, id and algorithm are allowed in its file."""
        return right

    def key_to_change(self, usage: int, number: int, right: LoadedKey | None) -> LoadedKey | None:
        """The key that CHANGE KEY means; None when there is none."""
        return right

    def creates_over(self) -> bool:
        """Whether CREATE KEY replaces a key that is there."""
        return False

    def has_room(self, keys: int, capacity: int) -> bool:
        """Whether another key fits beside so many."""
        return keys < capacity

    def stored_key(self, before: LoadedKey | None, right: LoadedKey) -> LoadedKey:
        """The key as it is stored; ``before``: the one it replaces."""
        return right

    def keeps_keys(self) -> bool:
        """Whether loaded keys outlive a reset."""
        return True
