"""``onecard face``: the faces of a card drawn from the data."""

from collections.abc import Mapping
from pathlib import Path

import click

from onecard.cli.settings import Settings, with_language
from onecard.emulate.holders import synthetic_holder
from onecard.errors import UserError
from onecard.evidence.files import make_folder, write_whole
from onecard.face.png import DOTS_PER_INCH, png
from onecard.face.render import draw
from onecard.face.svg import svg
from onecard.personalise.columns import columns_of
from onecard.personalise.rules import Rules
from onecard.personalise.source import read_rows
from onecard.spec.card import CardSpec
from onecard.spec.errors import SpecError
from onecard.spec.load import load_spec
from onecard.spec.overlay import load_overlaid
from onecard.spec.text import Text

_SIDES = {"front": ("front",), "back": ("back",), "both": ("front", "back")}


@click.command(help="按规范数据绘制卡面（视读）/ draw the faces of a card from the data")
@click.option("--profile", required=True, metavar="P", help="card-3.0  card-3.0-anhui  …")
@click.option(
    "--holder", type=click.IntRange(min=0), default=0, show_default=True, help="虚构持卡人 / synthetic holder"
)
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="FILE", help="数据文件 / a data file (CSV, JSON lines)"
)
@click.option(
    "--row", type=click.IntRange(min=1), default=1, show_default=True, help="--data 的第几人 / which of --data"
)
@click.option("--side", type=click.Choice(tuple(_SIDES)), default="both", show_default=True)
@click.option("--format", "form", type=click.Choice(("svg", "png")), default="svg", show_default=True)
@click.option("--tolerances", is_flag=True, help="画出公差带 / draw the tolerances as bands")
@click.option(
    "--reading",
    type=click.IntRange(1, 2),
    default=1,
    show_default=True,
    help="资料不一致处取第几种读法 / which reading where sources disagree",
)
@click.option("--font", type=click.Path(path_type=Path), metavar="FILE", help="PNG 所用字体 / font for PNG")
@click.option("--dpi", type=click.IntRange(72, 2400), default=DOTS_PER_INCH, show_default=True)
@click.option("--overlay", "overlays", multiple=True, type=click.Path(path_type=Path), metavar="F")
@click.option("--out", type=click.Path(path_type=Path), default=Path(), metavar="DIR")
@with_language
def face(
    settings: Settings,
    profile: str,
    holder: int,
    data: Path | None,
    row: int,
    side: str,
    form: str,
    tolerances: bool,
    reading: int,
    font: Path | None,
    dpi: int,
    overlays: tuple[Path, ...],
    out: Path,
) -> int:
    """Write one file a side."""
    spec = load_overlaid(overlays) if overlays else load_spec()
    if spec.profile(profile).target != "card":
        raise UserError(zh=f"{profile} 不是卡片的配置", en=f"{profile} is no profile of a card")
    card = spec.card_of_profile(profile)
    texts = synthetic_holder(card, holder) if data is None else _holder_of(card, data, row)
    make_folder(out)
    for each in _SIDES[side]:
        drawing = draw(card, each, texts, tolerances=tolerances, reading=reading - 1)
        content = svg(drawing).encode("utf-8") if form == "svg" else png(drawing, font, dpi)
        path = out / f"{profile}-{each}.{form}"
        write_whole(path, content)
        settings.out(Text(zh=f"已写出 {path}", en=f"wrote {path}"))
    return 0


def _holder_of(card: CardSpec, data: Path, row: int) -> Mapping[str, str]:
    """The holder of a row of a data file for personalisation; raises SpecError or UserError where a field is wrong."""
    columns = columns_of(card)
    rows = read_rows(data, columns)
    if row > len(rows):
        raise UserError(zh=f"{data} 只有 {len(rows)} 人", en=f"{data} has {len(rows)} holder(s) only")
    judged = Rules(card, columns).judge(rows[row - 1])
    if isinstance(judged, list):
        problem = judged[0]
        raise SpecError(zh=problem.text.zh, en=problem.text.en, file=str(data), line=problem.line, where=problem.field)
    return judged.texts
