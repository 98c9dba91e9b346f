"""A sheet to be filled in by a laboratory: every quantity of a declaration with its limits."""

from collections.abc import Iterable

from onecard.spec.card_measurements import Quantity

_HEAD = """\
# 实验室测量记录 / a laboratory's measurement sheet
# 判定规则：限值每侧收窄 w = ratio × U（k = 2）之内接收；每侧放宽 w 之外拒收；
# 其间不作判定。
# Decision rule: accepted within the limits made smaller by w = ratio x U (k = 2) on each side; refused outside the
# limits made larger by w; between the two nothing is decided.
# 未测量的项目请整行删去（相应要求将无法判定）。
# Leave out a row that was not measured: its requirement stays inconclusive.
format: 1
kind: laboratory-sheet
laboratory: "?"
sample: "?"
ratio: "1"
instruments:
  - {id: I1, name: "?", serial: "?", calibrated: "2000-01-01", due: "2000-12-31"}
measurements:
"""


def sheet_template(quantities: Iterable[Quantity]) -> str:
    """The sheet as YAML text; its values are to be replaced."""
    lines = [_HEAD]
    for quantity in quantities:
        method = f"；{quantity.method.zh} / {quantity.method.en}" if quantity.method else ""
        lines.append(
            f"  # {quantity.name.zh} / {quantity.name.en}：{quantity.allowed}{method}\n"
            f'  - {{id: {quantity.id}, values: ["?"], unit: "{quantity.unit}", uncertainty: "?", k: "2", '
            f'instrument: I1, date: "2000-01-01"}}\n'
        )
    return "".join(lines)
