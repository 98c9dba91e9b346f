"""The root keys of a PSAM: those that it was made with, and before them those that were loaded."""

from emulator.psam.state import LoadedKey, PsamImage
from onecard.spec.psam import PsamSpec
from onecard.spec.psam_loading import KeyFile

FULL_LENGTH = 16


class KeyStore:
    """Keys by environment (its id), usage and id. Those that it was made with lie in every environment."""

    __slots__ = ("_algorithms", "_image", "_made", "_names", "_spec")

    def __init__(self, spec: PsamSpec, image: PsamImage) -> None:
        self._spec = spec
        self._image = image
        # A key that the data name may be missing from this PSAM: then it is unknown.
        self._made = {(key.usage, key.number): key for key in spec.keys.values() if key.key in image.keys}
        self._names = {key.id: (key.usage, key.number) for key in self._made.values()}
        self._algorithms = {environment.id: environment.algorithm for environment in spec.environments}

    def find(self, environment: str, usage: int, number: int) -> LoadedKey | None:
        """The key; None where there is none."""
        loaded = self._image.loaded.get((environment, usage, number))
        made = self._made.get((usage, number))
        if loaded is not None or made is None:
            return loaded
        return LoadedKey(usage, number, self._code(environment), self._image.keys[made.key])

    def name(self, environment: str, usage: int, number: int) -> str | None:
        """The id in the data of a key, or usage and id of one that was loaded beside them; None where there is none."""
        if self.find(environment, usage, number) is None:
            return None
        made = self._made.get((usage, number))
        return made.id if made is not None else bytes((usage, number)).hex()

    def named(self, environment: str, name: str) -> LoadedKey | None:
        """The key that ``name`` gave; None where there is none."""
        return self.find(environment, *self._names[name] if name in self._names else bytes.fromhex(name))

    def put(self, environment: str, key: LoadedKey) -> None:
        """Store a key; it stays there."""
        self._image.loaded[environment, key.usage, key.number] = key

    def count(self, environment: str, file: KeyFile) -> int:
        """Keys in a key file."""
        loaded = {(usage, number) for where, usage, number in self._image.loaded if where == environment}
        return sum(file.has(number) for _, number in loaded | set(self._made))

    def _code(self, environment: str) -> int:
        algorithm = self._algorithms[environment]
        found = [each.code for each in self._spec.loading.algorithms if each.algorithm == algorithm]
        return found[0] if found else 0
