"""YAML documents with the line of every value, so that each error names file, line and path."""

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
    """Parse YAML; raises SpecError naming file and line for broken YAML, duplicate keys, or a document that is no
    mapping.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        lines: dict[Path_, int] = {(): 1}
        data = _construct(loader, node, (), lines, file) if node is not None else None
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
        raise SpecError(zh=f"不是合法的 YAML：{error}", en=f"not YAML: {error}", file=file) from None
    finally:
        loader.dispose()
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


def _construct(loader: yaml.SafeLoader, node: yaml.Node, path: Path_, lines: dict[Path_, int], file: str) -> object:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in mapping:
                raise SpecError(
                    zh=f"键 {key!r} 重复",
                    en=f"the key {key!r} stands twice",
                    file=file,
                    line=key_node.start_mark.line + 1,
                    where=dotted((*path, key)),
                )
            mapping[key] = _construct(loader, value_node, (*path, key), lines, file)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_construct(loader, child, (*path, index), lines, file) for index, child in enumerate(node.value)]
    value = loader.construct_object(node)
    if not isinstance(value, str | int | float | bool | None):
        raise SpecError(
            zh=f"{node.value!r} 请加引号写成文本",
            en=f"write {node.value!r} in quotes, as text",
            file=file,
            line=lines[path],
            where=dotted(path),
        )
    return value
