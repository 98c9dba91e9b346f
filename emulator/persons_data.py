"""Raw material of synthetic persons: common surnames and given names, divisions, and the shapes of long names.

Division codes are those of GB/T 2260 for whole cities. Numbers built on a city's own code are not given to people, who
get those of their county, so no synthetic number is a real person's.
"""

ANHUI_REGIONS = (
    "340100", "340200", "340300", "340400", "340500", "340600", "340700", "340800",
    "341000", "341100", "341200", "341300", "341500", "341600", "341700", "341800",
)  # fmt: skip
OTHER_REGIONS = ("110100", "310100", "320100", "330100", "410100", "650100")

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉萍红建国志远文博雨欣子涵思源嘉宁安然"
# In GBK but not in GB 2312: a reader that knows only the latter shows them wrongly.
RARE = "堃喆珺昇淼祎璟玥垚镕"

# (name, ordinal of the ethnic group in GB 3304: 02 Mongol, 03 Hui, 05 Uyghur, 07 Yi)
LONG_NAMES = (
    ("阿卜杜热合曼·阿卜杜克热木·麦麦提艾力", 5),
    ("古丽巴哈尔·阿不都克里木·吐尔逊江", 5),
    ("敖其尔巴图孟和·苏都毕力格那仁图雅", 2),
    ("沙马尔布·阿苦格布·吉克阿依木", 7),
)
GROUPS = (1, 1, 1, 1, 1, 3, 2, 5, 8, 15)
"""Ethnic groups of persons with short names, by ordinal in GB 3304; most are 01."""
