"""Errors that a user may meet: always one clear message in both languages, never a traceback."""

from onecard.spec.text import Text


class UserError(Exception):
    """Something the user can mend: the message names the file, line or field and what to do.

    ``exit_code`` is the command's exit status (2: nothing was sent; 3: the run began but is incomplete).
    """

    def __init__(self, *, zh: str, en: str, exit_code: int = 2) -> None:
        super().__init__(en)
        self.text = Text(zh=zh, en=en)
        self.exit_code = exit_code

    def __reduce__(self) -> tuple[object, ...]:
        # It may come from a worker process; subclasses have arguments of their own, so nothing is called again.
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[UserError], told: tuple[object, ...], state: dict[str, object]) -> UserError:
    error = kind.__new__(kind, *told)
    error.args = told
    error.__dict__.update(state)
    return error
