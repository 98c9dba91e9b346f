"""The command group, and the one place where errors become messages and exit codes."""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

import click

from onecard import __version__
from onecard.cli.settings import Settings, default_language, with_language
from onecard.errors import UserError
from onecard.spec.errors import SpecError

_COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "certify": "onecard.cli.certify",
        "plan": "onecard.cli.certify",
        "verify": "onecard.cli.evidence",
        "replay": "onecard.cli.evidence",
        "apdu": "onecard.cli.apdu",
        "card": "onecard.cli.card",
        "driver": "onecard.cli.driver",
        "emulate": "onecard.cli.emulate",
        "face": "onecard.cli.face",
        "personalise": "onecard.cli.personalise",
        "spec": "onecard.cli.spec",
        "prove": "onecard.cli.prove",
        "keys": "onecard.cli.keys",
        "audit": "onecard.cli.audit",
    }
)


class _Commands(click.Group):
    """Loads a command when it is asked for: evidence is judged where no emulator can be imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(_COMMANDS[cmd_name]), cmd_name)
        return command


@click.group(
    cls=_Commands,
    help="居民服务一卡通符合性测试与参考仿真 / conformance suite and reference emulation of the resident one-card",
)
@click.version_option(__version__, prog_name="onecard")
@with_language
def cli(_settings: Settings) -> None:
    """The root of the command line."""


def _language(arguments: Sequence[str]) -> Settings:
    """The language for an error that ends the command, also before click parsed its options."""
    settings = Settings(default_language())
    for index, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else arguments[index + 1 : index + 2]
        if argument.startswith("--lang") and value in ("zh", "en", ["zh"], ["en"]):
            settings.language = "zh" if "zh" in value else "en"
    return settings


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code; no traceback reaches the user."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    settings = _language(given)
    try:
        code = cli.main(given, prog_name="onecard", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help())
        code = 2
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (UserError, SpecError) as error:
        click.echo(f"onecard: {error.text.in_(settings.language)}", err=True)
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo(settings.pick("已中断", "interrupted"), err=True)
        code = 3
    except BrokenPipeError:
        code = 0
        sys.stderr.close()
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        click.echo(f"onecard:{where} {error.strerror or error}", err=True)
        code = 3
    except Exception as error:
        # A defect of ours: one message for the user, the traceback for those who ask for it.
        if os.environ.get("ONECARD_DEBUG"):
            raise
        told = settings.pick(
            f"内部错误：{error!r}。这是本工具的缺陷；设 ONECARD_DEBUG=1 重试可得到详情",
            f"internal error: {error!r}. This is a defect of the tool; set ONECARD_DEBUG=1 to see where",
        )
        click.echo(f"onecard: {told}", err=True)
        code = 3
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
