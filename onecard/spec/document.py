"""YAML documents with the line of every value, so that each error names file, line and path."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from onecard.spec.errors import SpecError

Path_ = tuple[str | int, ...]

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A parsed YAML document: plain data, and the line (1-based) of every path in it."""

    file: str
    data: dict[str, object]
    lines: Mapping[Path_, int]

    def line(self, path: Path_) -> int:
        """Line of ``path``, or of the nearest enclosing value."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def error(self, path: Path_, *, zh: str, en: str) -> SpecError:
        """An error at ``path`` of this document."""
        return SpecError(zh=zh, en=en, file=self.file, line=self.line(path), where=dotted(path))


def dotted(path: Path_) -> str:
    """``("files", 0, "read")`` as ``files[0].read``."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else (f".{part}" if out else str(part))
    return out


def parse_document(text: str, file: str) -> RawDocument:
    """Parse YAML; raises SpecError naming file and line for broken YAML, duplicate keys, or what is no mapping.

    Aliases (``*name``) are refused: a document could contain itself, or unfold without end.
    """
    lines: dict[Path_, int] = {(): 1}
    try:
        node = _compose(text)
        data = _Constructor(lines, file).value(node, ()) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or "unreadable"
        raise SpecError(
            zh=f"YAML 语法错误：{problem}",
            en=f"broken YAML: {problem}",
            file=file,
            line=mark.line + 1 if mark is not None else None,
        ) from None
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise SpecError(zh=f"不是合法的 YAML：{problem}", en=f"not YAML: {problem}", file=file) from None
    except RecursionError:
        raise SpecError(zh="嵌套过深", en="nested too deeply", file=file) from None
    if not isinstance(data, dict):
        raise SpecError(
            zh="文件顶层应为键值映射", en="the document must be a mapping of keys to values", file=file, line=1
        )
    return RawDocument(file=file, data=data, lines=lines)


def read_document(path: Path, shown: str | None = None) -> RawDocument:
    """Read and parse a file; ``shown`` is the name that errors give it. Raises SpecError when unreadable."""
    file = shown or str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecError(zh="文件不存在", en="there is no such file", file=file) from None
    except OSError as error:
        raise SpecError(zh=f"无法读取：{error.strerror}", en=f"cannot be read: {error.strerror}", file=file) from None
    except UnicodeDecodeError as error:
        raise SpecError(
            zh=f"不是 UTF-8 文本（字节 {error.start}）", en=f"not UTF-8 text (byte {error.start})", file=file
        ) from None
    return parse_document(text, file)


def _compose(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


class _Constructor:
    """Plain data of a tree of nodes; keeps the line of every path in ``lines``."""

    def __init__(self, lines: dict[Path_, int], file: str) -> None:
        self._lines = lines
        self._file = file
        self._scalars = yaml.constructor.SafeConstructor()
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, path: Path_) -> object:
        """The data of ``node``, which stands at ``path``; raises SpecError, and YAMLError for an unknown tag."""
        self._lines[path] = node.start_mark.line + 1
        # An alias is the very node of its anchor once more.
        if id(node) in self._seen:
            raise self._error(
                node, path, "不支持别名（*）；请把内容写出来", "aliases (*) are not supported: write the value out"
            )
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, object]:
        mapping: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error(key_node, path, "键应为一个词", "a key must be a single word")
            key = str(key_node.value)
            if key in mapping:
                raise self._error(key_node, (*path, key), f"键 {key!r} 重复", f"the key {key!r} stands twice")
            mapping[key] = self.value(value_node, (*path, key))
        return mapping

    def _scalar(self, node: yaml.Node, path: Path_) -> object:
        try:
            value = self._scalars.construct_object(node)
        except ValueError:  # text that has the form of a number or date and is none, as 2024-13-45
            value = node
        if not isinstance(value, str | int | float | bool | None) or (
            isinstance(value, float) and not math.isfinite(value)
        ):
            raise self._error(
                node, path, f"{node.value!r} 请加引号写成文本", f"write {node.value!r} in quotes, as text"
            )
        return value

    def _error(self, node: yaml.Node, path: Path_, zh: str, en: str) -> SpecError:
        return SpecError(zh=zh, en=en, file=self._file, line=node.start_mark.line + 1, where=dotted(path))
