"""What stands around a letter as HTML: a page that is read as easily on a phone, and by night, as on a desk.
Readers of mail that know no styles show the letter as it is."""

from __future__ import annotations

from html import escape

_FONT = "font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',sans-serif"
_STYLE = """\
:root { color-scheme: light dark; }
body { margin: 0; padding: 24px 16px; background: #faf9f5; color: #1c2430; }
p, ul, dl, blockquote { margin: 0 0 16px; }
blockquote, dd { margin-left: 24px; }
small { line-height: 1.4; }
ul { padding-left: 24px; }
a { color: #27478c; overflow-wrap: anywhere; word-break: break-word; }
hr { border: 0; border-top: 1px solid #dcd8cc; margin: 32px 0 16px; }
@media (prefers-color-scheme: dark) {
  body { background: #14181f; color: #e9e7e1; }
  a { color: #a9c1f7; }
  hr { border-color: #333b47; }
}"""


def framed(html: str, title: str) -> str:
    """The letter as a whole page; one that a deployment wrote as a whole page stays as it is."""
    if "<html" in html.lower():
        return html
    return (
        '<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n"
        f'<div style="max-width:544px;margin:0 auto;{_FONT};overflow-wrap:break-word">\n{html}\n</div>\n'
        "</body>\n</html>\n"
    )


def spoken(html: str, language: str) -> str:
    """The letter, which says itself what language it is in, so that it is read aloud in that one."""
    return html if "<html" in html.lower() else f'<div lang="{language}">\n{html}\n</div>'
