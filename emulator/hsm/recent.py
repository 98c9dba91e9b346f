"""The diversified keys of the cards that asked last: made once, kept in a bounded number, never shown."""

import threading
from collections import OrderedDict

Path = tuple[str, str, str, bytes]
"""Profile of the card, name of the key, and what diversifies it: region and historical bytes."""


class RecentKeys:
    """Keeps the ``limit`` keys that were asked for last; may be used by several threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._keys: OrderedDict[Path, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._keys)

    def kept(self) -> tuple[bytes, ...]:
        """The keys that are kept."""
        with self._lock:
            return tuple(self._keys.values())

    def get(self, path: Path) -> bytes | None:
        """The key at the end of a path, None where it is not kept."""
        with self._lock:
            key = self._keys.get(path)
            if key is not None:
                self._keys.move_to_end(path)
            return key

    def put(self, path: Path, key: bytes) -> None:
        """Keep a key; the one that was not asked for longest makes room."""
        with self._lock:
            self._keys[path] = key
            if len(self._keys) > self._limit:
                self._keys.popitem(last=False)
