"""Write YAML that Helm reads back as the same values."""

from __future__ import annotations

from typing import Any

import yaml

from hub_config.commands.scalars import resolve


class _Dumper(yaml.SafeDumper):
    """Quotes what Helm would take for something else than a text; PyYAML's rules are not quite Helm's."""

    def ignore_aliases(self, data: Any) -> bool:
        return True  # anchors make a file hard to read

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if "\n" in text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    style = None if isinstance(resolve(text), str) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def as_yaml(data: Any) -> str:
    """Return `data` as YAML, keys in their order, lists indented, texts of several lines as blocks."""
    if data == {}:
        return ""
    text: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )
    return text
