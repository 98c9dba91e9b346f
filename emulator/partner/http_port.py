"""The outgoing side over HTTP: one POST to the platform, without proxies or redirects."""

from http.client import HTTPConnection, HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

TIMEOUT: Final = 5.0
"""Longest wait for the platform, in seconds."""

LARGEST: Final = 65536
"""Bytes of an answer that are read at most."""


def post(base: str, request: dict[str, Any]) -> dict[str, Any]:
    """Send {method, path, headers, body} below the base URL; returns {status, headers, body}.

    Raises OSError where nobody answers, ValueError for an answer that is no HTTP or no UTF-8.
    """
    address = urlsplit(base)
    if address.scheme != "http" or address.hostname is None:
        raise ValueError(f"no http address: {base!r}")
    connection = HTTPConnection(address.hostname, address.port, timeout=TIMEOUT)
    try:
        path = address.path.rstrip("/") + request["path"]
        connection.request(request["method"], path, request["body"].encode("utf-8"), request["headers"])
        response = connection.getresponse()
        return {"status": response.status, "headers": {}, "body": response.read(LARGEST).decode("utf-8")}
    except HTTPException as error:
        raise ValueError(str(error)) from None
    finally:
        connection.close()
