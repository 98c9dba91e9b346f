"""``onecard emulate``: long-running references."""

from pathlib import Path

import click

from onecard.cli.settings import Settings, with_language
from onecard.emulate.card import emulate_card
from onecard.evidence.files import make_folder, write_secret
from onecard.planning.declaration import Ixit, ics_of_profile, ics_text, ixit_text, reference_ixit
from onecard.spec.load import Spec, load_spec
from onecard.spec.text import Text


@click.group(help="长时间运行的参考仿真 / long-running references")
def emulate() -> None:
    """References by kind."""


@emulate.command(help="参考卡：--pcsc 虚拟读卡器，或 --tcp PORT / the reference card on the virtual reader or TCP")
@click.option("--pcsc", is_flag=True, help="作为虚拟读卡器（vpcd）中的卡 / a card in the virtual reader")
@click.option(
    "--tcp",
    "port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="监听端口，0 由系统选择 / listen; 0: any free port",
)
@click.option("--profile", default="card-3.0", show_default=True, metavar="P")
@click.option("--slot", type=click.Choice(("0", "1", "both")), default="0", show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--seed", default=None, metavar="TEXT", help="合成持卡人与密钥的种子 / seed of synthetic holder and keys")
@click.option(
    "--declare",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="写出此卡的 ics.yaml 与 ixit.yaml（测试密钥）/ write its ICS and IXIT",
)
@with_language
def card(
    settings: Settings,
    pcsc: bool,
    port: int | None,
    profile: str,
    slot: str,
    host: str,
    seed: str | None,
    declare: Path | None,
) -> int:
    """Emulate a card until Ctrl-C."""
    if pcsc == (port is not None):
        raise click.UsageError(settings.pick("请在 --pcsc 与 --tcp PORT 中选一个", "choose --pcsc or --tcp PORT"))
    if declare is not None and port == 0:
        raise click.UsageError(
            settings.pick("--declare 需要固定的端口", "--declare needs a port of your choice, not 0")
        )
    spec = load_spec()
    spec.profile(profile)
    slots = {"0": (0,), "1": (1,), "both": (0, 1)}[slot] if pcsc else (0,)
    if declare is not None:
        # One folder a slot where there are two: the cards have different holders.
        for number in slots:
            folder = declare / f"slot-{number}" if len(slots) > 1 else declare
            target = f"pcsc:{number}" if pcsc else f"tcp:{host}:{port}"
            _declare(settings, folder, spec, profile, reference_ixit("card", profile, seed, number), target)
    return emulate_card(
        profile=profile,
        mode="pcsc" if pcsc else "tcp",
        slots=slots,
        host=host,
        port=port,
        seed=seed,
        language=settings.language,
    )


def _declare(settings: Settings, folder: Path, spec: Spec, profile: str, ixit: Ixit, target: str) -> None:
    make_folder(folder)
    for name, text in (
        ("ics.yaml", ics_text(ics_of_profile(spec, profile))),
        ("ixit.yaml", ixit_text(ixit, target)),
    ):
        write_secret(folder / name, text.encode("utf-8"), overwrite=True)
    settings.say(
        Text(
            zh=f"已写出 {folder}/ics.yaml 与 ixit.yaml（合成测试密钥）",
            en=f"wrote {folder}/ics.yaml and ixit.yaml (synthetic test keys)",
        )
    )
