"""The tree of applications and files, built once from the data: what lies where, and what is found from where."""

from emulator.card.state import Position
from onecard.spec.card import Application, CardSpec, FileSpec
from onecard.spec.card_directory import directory_of

MASTER_FILE = "MF"
MASTER_FILE_ID = 0x3F00


class FileSystem:
    """Answers "what is found from here"; holds no state. Applications and files are named by their ids in the data."""

    __slots__ = ("_by_fid", "_by_sfi", "_children", "_parents", "applications", "files", "root", "root_fid")

    def __init__(self, spec: CardSpec) -> None:
        self.applications = spec.applications
        directory = directory_of(spec)
        listing = {} if directory is None else {directory.file.id: directory.file}
        self.files: dict[str, FileSpec] = {**listing, **spec.files}
        master = _master(spec)
        self.root = master.id if master else MASTER_FILE
        self.root_fid = master.fid if master else MASTER_FILE_ID
        self._parents = {
            application.id: self.root if application.parent == MASTER_FILE else application.parent
            for application in spec.applications.values()
            if application is not master
        }
        self._children: dict[str, list[Application]] = {}
        for name, parent in self._parents.items():
            self._children.setdefault(parent, []).append(spec.applications[name])
        self._by_sfi = {(file.application, file.sfi): file for file in self.files.values() if file.sfi}
        self._by_fid = {(file.application, file.fid): file for file in self.files.values() if file.fid}

    def initial(self) -> Position:
        """Where a card stands after a reset: the MF, no EF."""
        return Position(self.root)

    def lineage(self, application: str) -> tuple[str, ...]:
        """The application and those above it, nearest first."""
        found = [application]
        while (parent := self._parents.get(found[-1])) is not None and parent not in found:
            found.append(parent)
        return tuple(found)

    def application_by_fid(self, current: str, fid: int) -> str | None:
        """The DF with ``fid`` that is the current one, directly under it, or beside it."""
        around = self._children.get(self._parents.get(current, ""), [])
        own = [self.applications[current]] if current in self.applications else []
        for application in (*own, *self._children.get(current, []), *around):
            if application.fid == fid and fid:
                return application.id
        return None

    def file_by_fid(self, application: str, fid: int) -> FileSpec | None:
        """The EF of ``application`` with this file identifier."""
        return self._by_fid.get((application, fid))

    def file_by_sfi(self, application: str, sfi: int) -> FileSpec | None:
        """The EF of ``application`` with this short file identifier."""
        return self._by_sfi.get((application, sfi))

    def file_anywhere(self, fid: int) -> FileSpec | None:
        """Any EF of the card with this file identifier."""
        return next((file for file in self.files.values() if file.fid == fid and fid), None)


def _master(spec: CardSpec) -> Application | None:
    return next((application for application in spec.applications.values() if application.is_mf), None)
