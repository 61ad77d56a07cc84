"""The chat window as a visitor uses it."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import CDPSession, Locator, Page, expect


class ChatWindow:
    """Names for what stands on the page, and the few things done over and over."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box = page.locator("#box")
        self.questions = page.locator("#chat .asked")
        self.replies = page.locator("#chat .reply[aria-busy=false]")
        self.answers = page.locator("#chat .reply[aria-busy=false] .answer")
        self.notes = page.locator("#chat .note > div:not(:has(details))")
        self.reasons = page.locator("#chat .note details")
        self.candidates = page.locator("#chat .option")
        self.examples = page.locator("#chat .example")
        self.spoken = page.get_by_role("status").first

    def open(self, url: str) -> None:
        with self._ready():
            self.page.goto(url, timeout=30_000)
        expect(self.examples.first).to_be_visible()

    def reload(self) -> None:
        """Load the page again, until what was said stands on it."""
        with self._ready():
            self.page.reload(timeout=30_000)

    @contextmanager
    def _ready(self) -> Iterator[None]:
        # Once it is there, the page asks for its words again, as the FAQ may have changed.
        with self.page.expect_response("**/run/predict", timeout=30_000) as words:
            yield
        words.value.finished()

    def ask(self, query: str) -> None:
        """Type a query, press Enter and wait for the reply."""
        replies = self.replies.count()
        self.box.fill(query)
        self.box.press("Enter")
        expect(self.replies).to_have_count(replies + 1)

    def expect_notes(self, *notes: str) -> None:
        """Compare the lines under all replies, without what is folded."""
        expect(self.notes).to_have_text(list(notes))

    def button(self, name: str) -> Locator:
        """Return the last button of the conversation with this name."""
        return self.page.locator("#chat").get_by_role("button", name=name, exact=True).last

    def speak(self, language: str) -> None:
        self.page.locator("#languages label", has_text=language).click()

    def choose_category(self, name: str) -> None:
        self.page.locator("#category").select_option(label=name)

    def keyboard(self) -> CDPSession:
        """Return the browser's own keyboard, which can compose syllables."""
        return self.page.context.new_cdp_session(self.page)
