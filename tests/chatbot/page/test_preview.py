import gzip
from pathlib import Path
from typing import Any

import pytest

from mundap.chatbot.page.preview import Preview
from mundap.chatbot.settings import ChatSettings

PAGE = """<!doctype html>
<html
	lang="en"
	style="margin: 0">
	<head>
		<meta charset="utf-8" />
		<meta property="og:title" content="Gradio" />
		<meta
			property="og:image"
			content="https://elsewhere.example/header.jpg"
		/>
		<meta name="twitter:creator" content="@Gradio" />
		<link rel="manifest" href="/manifest.json" />
	</head><body>배송</body></html>"""


def shown(
    settings: ChatSettings, path: str = "/", parts: int = 3, encoding: str | None = None
) -> tuple[str, dict[bytes, bytes]]:
    """Return what the layer makes of gradio's page that arrives in `parts`."""

    async def gradio(scope: Any, receive: Any, send: Any) -> None:
        content = PAGE.encode()
        length = (b"content-length", str(len(content)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        size = -(-len(content) // parts)
        for place in range(0, len(content), size):
            more = place + size < len(content)
            body = content[place : place + size]
            await send({"type": "http.response.body", "body": body, "more_body": more})

    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asked = [(b"host", b"faq.example.org")]
    asked += [(b"accept-encoding", encoding.encode())] if encoding else []
    scope = {"type": "http", "path": path, "scheme": "https", "headers": asked}
    # Nothing here waits, so there is no loop, which a browser's test may have open.
    with pytest.raises(StopIteration, match=r"^$"):
        Preview(gradio, settings=lambda: settings)(scope, None, send).send(None)
    body, headers = b"".join(each["body"] for each in sent[1:]), dict(sent[0]["headers"])
    if path == "/":
        assert headers[b"content-length"] == str(len(body)).encode()
    packed = headers.get(b"content-encoding") == b"gzip"
    return (gzip.decompress(body) if packed else body).decode(), headers


@pytest.mark.parametrize(
    ("encoding", "packed"), [("gzip, deflate, br, zstd", True), ("br", False), (None, False)]
)
def test_the_page_is_packed_for_who_can_unpack_it(encoding: str | None, packed: bool) -> None:
    plain, _ = shown(ChatSettings())
    page, headers = shown(ChatSettings(), encoding=encoding)
    assert page == plain
    assert (b"content-encoding" in headers) is packed
    assert headers[b"vary"] == b"Accept-Encoding"


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_the_owners_words_stand_in_the_place_of_gradios(parts: int) -> None:
    page, headers = shown(
        ChatSettings(title="하나몰 <1>", page={"subtitle": '"무엇이든"'}), "/", parts
    )
    assert int(headers[b"content-length"]) == len(page.encode())
    assert page == (
        '<!doctype html>\n<html\n\tlang="ko"\n\tstyle="margin: 0">\n\t<head>'
        "<title>하나몰 &lt;1&gt;</title>"
        '<meta name="description" content="&quot;무엇이든&quot;">'
        '<meta name="twitter:card" content="summary">'
        '<meta property="og:title" content="하나몰 &lt;1&gt;">'
        '<meta property="og:description" content="&quot;무엇이든&quot;">'
        '<meta property="og:type" content="website">'
        '<meta property="og:site_name" content="하나몰 &lt;1&gt;">'
        '<meta property="og:locale" content="ko_KR">'
        '\n\t\t<meta charset="utf-8" />\n\t\t</head><body>배송</body></html>'
    )


def test_a_logo_that_messengers_can_show_is_named_in_whole(tmp_path: Path) -> None:
    for name, is_shown in (("logo.png", True), ("logo.WEBP", True), ("logo.svg", False)):
        logo = tmp_path / name
        logo.write_bytes(b"x")
        page, _ = shown(ChatSettings(page={"logo": logo}))
        tag = '<meta property="og:image" content="https://faq.example.org/favicon.ico">'
        assert (tag in page) is is_shown
        assert "elsewhere" not in page


def test_a_page_in_english_says_so() -> None:
    page, _ = shown(ChatSettings(language="en"))
    assert '\tlang="en"' in page
    assert '<meta property="og:locale" content="en_US">' in page


def test_other_files_pass_as_they_are() -> None:
    page, headers = shown(ChatSettings(), "/theme.css")
    assert (page, headers) == (PAGE, {b"content-length": str(len(PAGE.encode())).encode()})
