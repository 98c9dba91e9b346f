"""Passwords of key files: from a file, from the environment, or asked for; never from the command line."""

import getpass
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from onecard.errors import UserError

DEFAULT_VARIABLE: Final = "ONECARD_KEY_PASSWORD"
"""The environment variable that is looked at where nothing else is named."""
PIN_VARIABLE: Final = "ONECARD_TOKEN_PIN"
"""As DEFAULT_VARIABLE, for the user PIN of a PKCS#11 token."""
LEAST: Final = 12
"""Characters that a new password has at least."""


@dataclass(frozen=True, slots=True)
class PasswordSource:
    """Where a password comes from: ``file`` (its first line), else ``variable``, else ``fallback`` or a question."""

    file: Path | None = None
    variable: str | None = None
    fallback: str = DEFAULT_VARIABLE

    @classmethod
    def of(cls, node: Mapping[str, Any] | None, fallback: str = DEFAULT_VARIABLE) -> "PasswordSource":
        """As an IXIT names it: ``{file: PATH}``, ``{env: NAME}``, or nothing."""
        given = node or {}
        return cls(Path(given["file"]) if "file" in given else None, given.get("env"), fallback)

    def password(self, what: str) -> str:
        """The password; ``what`` it is for is shown in the question. Raises UserError where there is none."""
        if self.file is not None:
            return _from_file(self.file)
        name = self.variable or self.fallback
        value = os.environ.get(name)
        if value:
            return value
        if self.variable is None and sys.stdin.isatty():
            return getpass.getpass(f"{what} 的密码 / password of {what}: ")
        raise UserError(
            zh=f"没有 {what} 的密码：请设环境变量 {name}，或用文件给出",
            en=f"there is no password of {what}: set the environment variable {name}, or give it in a file",
        )

    def new_password(self, what: str) -> str:
        """A password for something new, of LEAST characters at least; asked for twice. Raises UserError."""
        asked = self.file is None and not os.environ.get(self.variable or self.fallback)
        value = self.password(what)
        if len(value) < LEAST:
            raise UserError(
                zh=f"密码至少 {LEAST} 个字符", en=f"a password of a key file has {LEAST} characters at least"
            )
        if asked and getpass.getpass("再输入一次 / once more: ") != value:
            raise UserError(zh="两次输入不同", en="the two passwords differ")
        return value


def _from_file(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise UserError(
            zh=f"无法读取密码文件 {path}：{reason}", en=f"cannot read the password file {path}: {reason}"
        ) from None
    if not lines or not lines[0]:
        raise UserError(zh=f"密码文件 {path} 的第一行是空的", en=f"the first line of the password file {path} is empty")
    return lines[0]
