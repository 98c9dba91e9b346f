"""What every command shares: the language, and how results and problems are told."""

import locale
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import click
from rich.console import Console

from onecard.spec.text import Language, Text

F = TypeVar("F", bound=Callable[..., Any])


def default_language() -> Language:
    """Chinese where the locale is Chinese, else English."""
    named = (
        os.environ.get("LC_ALL")
        or os.environ.get("LC_MESSAGES")
        or os.environ.get("LANG")
        or locale.getlocale()[0]
        or ""
    )
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


@dataclass
class Settings:
    """The language of messages."""

    language: Language

    def say(self, text: Text) -> None:
        """A message to the user, on stderr: stdout belongs to results."""
        click.echo(text.in_(self.language), err=True)

    def out(self, text: Text | str) -> None:
        """A result, on stdout."""
        click.echo(text if isinstance(text, str) else text.in_(self.language))

    def pick(self, zh: str, en: str) -> str:
        """One of two wordings."""
        return zh if self.language == "zh" else en

    @staticmethod
    def console() -> Console:
        """The terminal for progress, on stderr."""
        return Console(file=sys.stderr)


def _set_language(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    settings = context.find_object(Settings)
    if settings is None:
        settings = context.obj = Settings(default_language())
        context.find_root().obj = settings
    if value is not None:
        settings.language = cast(Language, value)


def with_language(function: F) -> F:
    """``--lang zh|en`` on a command, and its settings as ``settings``."""
    option = click.option(
        "--lang",
        type=click.Choice(("zh", "en")),
        callback=_set_language,
        expose_value=False,
        is_eager=True,
        help="语言 / language (default: locale)",
    )
    return cast(F, option(click.make_pass_decorator(Settings, ensure=False)(function)))
