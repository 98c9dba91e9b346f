"""Time stamps of the envelope."""

import datetime as dt

from onecard.spec.partner import Timestamp

_DATETIME = "%Y%m%d%H%M%S"


def stamp(rule: Timestamp, at: int) -> str:
    """The time stamp of a moment, ``at`` in milliseconds since 1970, UTC."""
    if rule.form == "epoch-ms":
        return str(at)
    return dt.datetime.fromtimestamp(at // 1000, _zone(rule)).strftime(_DATETIME)


def moment(rule: Timestamp, text: str) -> int:
    """Milliseconds since 1970 of a time stamp; ValueError for one that is no time."""
    if rule.form == "epoch-ms":
        return int(text)
    return int(dt.datetime.strptime(text, _DATETIME).replace(tzinfo=_zone(rule)).timestamp()) * 1000


def _zone(rule: Timestamp) -> dt.timezone:
    return dt.timezone(dt.timedelta(hours=rule.offset_hours))
