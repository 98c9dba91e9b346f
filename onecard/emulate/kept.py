"""A reference card that lives in a file: read when it is opened, written whole after every change."""

from pathlib import Path

from emulator.card.card import ReferenceCard
from emulator.card.store import ImageDamaged, Stored, document_of, stored_of
from onecard.errors import UserError
from onecard.evidence.files import write_secret
from onecard.spec.card import CardSpec
from onecard.spec.errors import SpecError
from onecard.spec.load import load_spec

SCHEME = "image"


def read_image(path: Path) -> Stored:
    """The card in a file; raises UserError for one that cannot be read or is no whole card image (exit code 2)."""
    try:
        document = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(
            zh=f"无法读取卡映像 {path}：{reason}", en=f"cannot read the card image {path}: {reason}"
        ) from None
    try:
        return stored_of(document)
    except ImageDamaged as error:
        raise UserError(zh=f"{path} 不是完整的卡映像：{error}", en=f"{path} is no whole card image: {error}") from None


def write_image(path: Path, stored: Stored, *, overwrite: bool = True) -> None:
    """Write a card image whole or not at all, readable by its owner only (it holds keys). Raises UserError."""
    write_secret(path, document_of(stored).encode(), overwrite=overwrite)


def _spec_of(stored: Stored, path: Path) -> CardSpec:
    try:
        spec = load_spec().card_of_profile(stored.profile)
    except SpecError as error:
        raise UserError(zh=f"{path}：{error.text.zh}", en=f"{path}: {error.text.en}") from None
    missing = sorted(spec.files.keys() - stored.image.files.keys())
    if missing:
        names = ", ".join(missing[:5])
        raise UserError(
            zh=f"{path} 缺少配置 {stored.profile} 的规范数据中的文件（{names}）：请重新个人化",
            en=f"{path} lacks files of the profile {stored.profile} ({names}): personalise it again",
        )
    return spec


class KeptCard:
    """A card whose image is written to its file after each command or reset that changed it.

    Someone else's change of the file while the card is in use is an error and is not written over.
    """

    def __init__(self, path: Path) -> None:
        stored = read_image(path)
        self.profile = stored.profile
        self.card = ReferenceCard(_spec_of(stored, path), stored.image)
        self._path = path
        self._seen = self._mark()

    def power_on(self) -> bytes:
        """Cold reset; the ATR."""
        atr = self.card.power_on()
        self._keep()
        return atr

    def reset(self) -> bytes:
        """Warm reset; the ATR."""
        atr = self.card.reset()
        self._keep()
        return atr

    def power_off(self) -> None:
        """Take the supply away."""
        self.card.power_off()

    def process(self, command: bytes) -> bytes | None:
        """Answer a command; what it changed is on the disk before the answer goes out."""
        answer = self.card.process(command)
        self._keep()
        return answer

    def _mark(self) -> tuple[int, int]:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_size

    def _keep(self) -> None:
        if not self.card.take_changed():
            return
        if not self._path.exists() or self._mark() != self._seen:
            raise UserError(
                zh=f"{self._path} 被其他程序改动：不再写入，请只在一处使用该卡",
                en=f"{self._path} was changed by another program and is not written: use the card in one place only",
            )
        write_image(self._path, Stored(self.profile, self.card.image))
        self._seen = self._mark()
