"""Command APDUs of the tester, built from the specification's data. Case-4 commands go without Le (T=0)."""

from onecard.spec.card import CardSpec, Command


class Apdu:
    """Builds commands for one card."""

    def __init__(self, spec: CardSpec) -> None:
        self._spec = spec

    def _header(self, command: Command, p1: int, p2: int) -> bytes:
        return bytes((command.cla, command.ins, p1, p2))

    def header(self, command_id: str, p1: int, p2: int) -> bytes:
        """CLA INS P1 P2 of any command of the data."""
        return self._header(self._spec.command(command_id), p1, p2)

    def select_name(self, name: bytes, next_: bool = False) -> bytes:
        """SELECT a DF by name, first or next occurrence."""
        command = self._spec.command("SELECT")
        occurrences = command.occurrences or {"first": 0, "next": 2}
        p1 = next(method.p1 for method in command.methods if method.by == "name")
        return self._header(command, p1, occurrences["next" if next_ else "first"]) + bytes((len(name),)) + name

    def select_fid(self, fid: int | None, p1: int) -> bytes:
        """SELECT by file identifier with the given P1; None sends empty data (Lc 00)."""
        data = b"" if fid is None else fid.to_bytes(2, "big")
        return self._header(self._spec.command("SELECT"), p1, 0) + bytes((len(data),)) + data

    def select_ef(self, fid: int) -> bytes:
        """SELECT an EF under the current DF by the method that finds EFs only."""
        methods = self._spec.command("SELECT").methods
        return self.select_fid(fid, next(method.p1 for method in methods if method.finds == frozenset(("ef",))))

    def read_record(self, p1: int, mode: int, sfi: int = 0, le: int = 0) -> bytes:
        """READ RECORD; P2 is SFI ‖ mode."""
        return self._header(self._spec.command("READ-RECORD"), p1, sfi << 3 | mode) + bytes((le,))

    def update_record(self, p1: int, mode: int, record: bytes, sfi: int = 0) -> bytes:
        """UPDATE RECORD with a whole record (tag, length, value)."""
        header = self._header(self._spec.command("UPDATE-RECORD"), p1, sfi << 3 | mode)
        return header + bytes((len(record),)) + record

    def _binary_header(self, command_id: str, offset: int, sfi: int | None) -> bytes:
        command = self._spec.command(command_id)
        if sfi is None:
            return self._header(command, offset >> 8, offset & 0xFF)
        return self._header(command, command.number("sfi-form") | sfi, offset)

    def read_binary(self, offset: int = 0, le: int = 0, sfi: int | None = None) -> bytes:
        """READ BINARY from ``offset`` (15 bits; 8 bits with an SFI); ``le`` 0: up to 256 bytes or to the end."""
        return self._binary_header("READ-BINARY", offset, sfi) + bytes((le,))

    def update_binary(self, offset: int, data: bytes, sfi: int | None = None) -> bytes:
        """UPDATE BINARY of ``data`` (at most 255 bytes) from ``offset``."""
        return self._binary_header("UPDATE-BINARY", offset, sfi) + bytes((len(data),)) + data

    def get_challenge(self, le: int) -> bytes:
        """GET CHALLENGE of ``le`` bytes."""
        return self._header(self._spec.command("GET-CHALLENGE"), 0, 0) + bytes((le,))

    def get_response(self, le: int) -> bytes:
        """GET RESPONSE of ``le`` bytes."""
        return self._header(self._spec.command("GET-RESPONSE"), 0, 0) + bytes((le,))

    def internal_authenticate(self, data: bytes) -> bytes:
        """INTERNAL AUTHENTICATE: random ‖ original ‖ [version]."""
        return self._header(self._spec.command("INTERNAL-AUTHENTICATE"), 0, 0) + bytes((len(data),)) + data

    def external_authenticate(self, key_id: int, data: bytes) -> bytes:
        """EXTERNAL AUTHENTICATE: authentication data ‖ original ‖ [version]."""
        return self._header(self._spec.command("EXTERNAL-AUTHENTICATE"), 0, key_id) + bytes((len(data),)) + data

    def verify(self, data: bytes) -> bytes:
        """VERIFY; empty data asks for the tries left."""
        return self._header(self._spec.command("VERIFY"), 0, 0) + bytes((len(data),)) + data
