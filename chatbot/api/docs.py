"""The documentation page: the OpenAPI description as HTML, without a script from elsewhere."""

import html
import json
from collections.abc import Iterator
from typing import Any

_STYLE = """
body { font: 16px/1.6 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       color-scheme: light dark; }
summary { cursor: pointer; padding: .4rem 0; }
code, pre { font: 14px/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .8rem; border: 1px solid #8884; border-radius: .5rem; }
b { display: inline-block; min-width: 4rem; }
"""


def docs_page(description: dict[str, Any]) -> str:
    """Return the page for an OpenAPI description."""
    info = description["info"]
    title = html.escape(f"{info['title']} {info['version']}")
    parts = [
        f"<h1>{title}</h1><p>{html.escape(info.get('description', ''))}</p>",
        '<p>For programs: <a href="/openapi.json">openapi.json</a></p>',
        *_operations(description["paths"]),
        "<h2>Bodies</h2>",
        *_schemas(description["components"]["schemas"]),
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style>{''.join(parts)}</html>"
    )


def _operations(paths: dict[str, Any]) -> Iterator[str]:
    tag = ""
    for path, methods in paths.items():
        for method, operation in methods.items():
            if (own := operation.get("tags", [""])[0]) != tag:
                tag = own
                yield f"<h2>{html.escape(tag.capitalize())}</h2>"
            name = f"<b>{method.upper()}</b> <code>{html.escape(path)}</code>"
            shown = {
                key: operation[key]
                for key in ("description", "parameters", "requestBody", "responses")
                if key in operation
            }
            summary = html.escape(operation.get("summary", ""))
            yield f"<details><summary>{name} {summary}</summary>{_pre(shown)}</details>"


def _schemas(schemas: dict[str, Any]) -> Iterator[str]:
    for name, schema in schemas.items():
        summary = f"<summary><code>{html.escape(name)}</code></summary>"
        yield f"<details>{summary}{_pre(schema)}</details>"


def _pre(value: Any) -> str:
    return f"<pre>{html.escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"
