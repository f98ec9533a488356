"""How one change looks as an edit: another value, an item less, a key less, a key more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

from jupyter_workbench.upgrade.document import Document, Edit, NotEditable, line_of

Reason = tuple[int, str]
Key = yaml.ScalarNode


def reason(node: yaml.Node, said: str) -> Reason:
    """Return `said` at the line of `node`."""
    return line_of(node), said


def replaced(document: Document, node: yaml.ScalarNode, value: str, *reasons: Reason) -> Edit | None:
    """Return the edit that gives `node` another value in the quotes it had; None where it is written as a block."""
    raw = document.raw(node)
    if raw[:1] in ("|", ">", "!", "&"):
        return None
    quote = _quote(raw) or ('"' if set(value) & set("[]{},") else "")
    return Edit(node.start_mark.index, node.end_mark.index, f"{quote}{value}{quote}", reasons)


def filled(document: Document, key: Key, empty: yaml.Node, value: str, why: Reason) -> Edit:
    """Return the edit that puts `value` where `empty`, a null, stands; quoted as its key is."""
    quote = _quote(document.raw(key))
    blank = "" if document.raw(empty) else " "
    return Edit(empty.start_mark.index, empty.end_mark.index, f"{blank}{quote}{value}{quote}", (why,))


def with_key_after(
    document: Document, mapping: yaml.MappingNode, pair: tuple[Key, yaml.Node], added: tuple[str, str], why: Reason
) -> Edit:
    """Return the edit that adds ``added`` after `pair`, written as `pair` is."""
    key, value = pair
    place = _content_end(document.text, value)
    entry = _separator(document.text, key.start_mark.index) + _entry(document, key, added)
    if mapping.flow_style:
        return Edit(place, place, f",{entry}", (why,))
    place = _line_end(document.text, place)
    return Edit(place, place, entry, (why,))


def with_first_key(document: Document, mapping: yaml.MappingNode, added: tuple[str, str], why: Reason) -> Edit:
    """Return the edit that adds ``added`` before the first key of `mapping`, written as that is."""
    key = mapping.value[0][0]
    place = key.start_mark.index
    comma = "," if mapping.flow_style else ""
    return Edit(place, place, f"{_entry(document, key, added)}{comma}{_separator(document.text, place)}", (why,))


def without_key(document: Document, mapping: yaml.MappingNode, key: Key, why: Reason) -> Iterator[Edit]:
    """Yield the edit that removes `key` and its value."""
    gone = {number: (why,) for number, (other, _) in enumerate(mapping.value) if other is key}
    yield from without(document, mapping, gone)


def without_items(
    document: Document, key: Key, items: yaml.SequenceNode, gone: Mapping[int, tuple[Reason, ...]]
) -> Iterator[Edit]:
    """Yield the edits that remove items from the list that `key` has; a list that loses all of them becomes `[]`."""
    yield from without(document, items, gone)
    if gone and len(gone) == len(items.value) and not items.flow_style:
        place = document.text.index(":", key.end_mark.index) + 1
        yield Edit(place, place, " []")


def without(document: Document, parent: yaml.CollectionNode, gone: Mapping[int, tuple[Reason, ...]]) -> Iterator[Edit]:
    """Yield the edits that remove the entries of `parent` whose numbers ``gone`` holds; comment lines stay."""
    if parent.flow_style:
        yield from _without_in_flow(document.text, parent, gone)
        return
    for number, reasons in gone.items():
        yield from _without_lines(document.text, parent, number, reasons)


def _without_lines(text: str, parent: yaml.CollectionNode, number: int, reasons: tuple[Reason, ...]) -> Iterator[Edit]:
    """Yield an edit for each line of one entry; none when something else stands before it."""
    first, last = _first_and_last(parent.value[number])
    start, end = first.start_mark.index, _line_end(text, _content_end(text, last))
    if isinstance(parent, yaml.SequenceNode):
        start = text.rfind("-", 0, start)
    begin = text.rfind("\n", 0, start) + 1
    if start < 0 or text[begin:start].strip():
        raise NotEditable(line_of(first), "expected one entry a line, got several - upgrade it by hand")
    while begin <= end:
        after = text.find("\n", begin) + 1 or len(text) + 1
        if text[begin:after].strip() and not text[begin:after].lstrip().startswith("#"):
            yield Edit(begin, min(after, len(text)), "", reasons)
            reasons = ()
        begin = after


def _without_in_flow(text: str, parent: yaml.CollectionNode, gone: Mapping[int, tuple[Reason, ...]]) -> Iterator[Edit]:
    """Yield one edit for each run of neighbours, so that their commas go once."""
    nodes = [_first_and_last(entry) for entry in parent.value]
    starts = [first.start_mark.index for first, _ in nodes]
    ends = [_content_end(text, last) for _, last in nodes]
    for first, last in _runs(sorted(gone)):
        reasons = tuple(why for number in range(first, last + 1) for why in gone[number])
        if last + 1 < len(nodes):
            yield Edit(starts[first], starts[last + 1], "", reasons)
        else:
            yield Edit(ends[first - 1] if first else starts[0], ends[last], "", reasons)


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of every run of successive numbers."""
    for first in numbers:
        if first - 1 not in numbers:
            last = first
            while last + 1 in numbers:
                last += 1
            yield first, last


def _first_and_last(entry: yaml.Node | tuple[yaml.Node, yaml.Node]) -> tuple[yaml.Node, yaml.Node]:
    return entry if isinstance(entry, tuple) else (entry, entry)


def _content_end(text: str, node: yaml.Node) -> int:
    """Return where the last character of `node` is: PyYAML ends block collections and scalars at the next token."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        return _content_end(text, _first_and_last(node.value[-1])[1])
    start, end = node.start_mark.index, node.end_mark.index
    return int(start) + len(text[start:end].rstrip())


def _line_end(text: str, position: int) -> int:
    """Return where the line of `position` ends, before its line end."""
    end = text.find("\n", position)
    end = len(text) if end < 0 else end
    return end - 1 if text[position:end].endswith("\r") else end


def _entry(document: Document, like: Key, added: tuple[str, str]) -> str:
    quote = _quote(document.raw(like))
    key, value = added
    return f"{quote}{key}{quote}: {quote}{value}{quote}"


def _quote(raw: str) -> str:
    return raw[0] if raw[:1] in ('"', "'") else ""


def _separator(text: str, start: int) -> str:
    """Return what parts two entries where the one at `start` is written: a line end and indentation, or a blank."""
    begin = text.rfind("\n", 0, start) + 1
    if text[begin:start].strip():
        return " "
    line_end = "\r\n" if "\r\n" in text else "\n"
    return line_end + text[begin:start]
