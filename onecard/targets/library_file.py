"""What a shared library's file says of itself before it is loaded: its width, and a digest for the evidence."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from onecard.targets.base import TargetAbsent

# ELF (System V ABI): class byte 4. PE (Microsoft PE/COFF): offset of the header at 3C, machine behind "PE\0\0".
_ELF_CLASSES = {1: 32, 2: 64}
_PE_MACHINES = {0x014C: 32, 0x8664: 64, 0xAA64: 64}
# Mach-O (little endian): the magic of a thin file.
_MACH = {0xFEEDFACE: 32, 0xFEEDFACF: 64}
_PE_OFFSET = 0x3C


@dataclass(frozen=True, slots=True)
class LibraryFile:
    """A library's file. ``bits``: 32 or 64, None where its form is not known. ``digest``: SHA-256 in hex."""

    path: Path
    bits: int | None
    digest: str


def library_file(path: Path) -> LibraryFile:
    """Read the file; raises TargetAbsent where there is none, or it is no library at all."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TargetAbsent(
            zh=f"动态库 {path} 无法读取：{error.strerror or error}",
            en=f"the library {path} cannot be read: {error.strerror or error}",
        ) from None
    if not data.startswith((b"\x7fELF", b"MZ")) and int.from_bytes(data[:4], "little") not in _MACH:
        raise TargetAbsent(
            zh=f"{path} 不是动态库（既非 ELF、PE 也非 Mach-O）", en=f"{path} is no library (neither ELF, PE nor Mach-O)"
        )
    return LibraryFile(path.resolve(), _bits(data), hashlib.sha256(data).hexdigest())


def _bits(data: bytes) -> int | None:
    if data.startswith(b"\x7fELF"):
        return _ELF_CLASSES.get(data[4]) if len(data) > 4 else None
    if data.startswith(b"MZ"):
        header = int.from_bytes(data[_PE_OFFSET : _PE_OFFSET + 4], "little")
        if data[header : header + 4] != b"PE\0\0":
            return None
        return _PE_MACHINES.get(int.from_bytes(data[header + 4 : header + 6], "little"))
    return _MACH.get(int.from_bytes(data[:4], "little"))
