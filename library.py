"""What `from mundap import ...` gives beside the records: a chatbot, and training."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mundap.chatbot.bot import Bot
from mundap.chatbot.home.bundled import bundled_far_queries
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.reply import Reply
from mundap.chatbot.settings import ChatSettings
from mundap.evaluation.queries import Query, check_against
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.large import forewarning, is_large, require_small
from mundap.index.encoders.encoder import DEFAULT_ENCODER
from mundap.index.encoders.registry import encoder_directory, load_encoder, wanted_pretrained
from mundap.index.encoders.shipped import SHIPPED
from mundap.index.faq.entry import FaqEntry
from mundap.index.languages import Language
from mundap.index.search.retriever import Retriever
from mundap.training.config import TrainingConfig

if TYPE_CHECKING:
    from mundap.evaluation.retrieval import RetrievalFigures
    from mundap.index.search.confidence import Confidence
    from mundap.index.search.fusion import Fusion

_LOG = logging.getLogger(__name__)


class Chatbot:
    """Answers queries from one bundle and follows its rebuilds; any thread may ask.

    Texts and limits are those of `mundap.toml` and `MUNDAP_*` variables, as on the chat page.
    """

    def __init__(self, live: LiveBundle, settings: ChatSettings) -> None:
        self._live = live
        self._bot = Bot.of(live, settings)

    @classmethod
    def open(cls, path: str | Path) -> "Chatbot":
        """Open a bundle directory; raises BundleError when there is none to serve."""
        return cls(LiveBundle.open(Path(path)), ChatSettings.load())

    @classmethod
    def build(
        cls,
        entries: Sequence[FaqEntry],
        path: str | Path,
        *,
        encoder: str | Path = DEFAULT_ENCODER,
        pretrained: str | Path | None = SHIPPED,
        queries: Sequence[Query] = (),
    ) -> "Chatbot":
        """Write a new generation of a bundle directory, as `mundap index build` does, and open it.

        `encoder` is what `load_encoder` takes, and so is `pretrained`, which reads questions with
        their answers; None for none. Thresholds are fitted on `queries` whose answer is
        known, or else on the phrasings of the entries. Of more than 50,000 entries a log line says
        how long `pretrained` will take; without, they are built in files, and fitted to nothing.
        Raises EncoderError, QueryError on a query of no entry, TooLargeError on queries for so many
        entries without `pretrained`, or BundleError when there is nothing to index.
        """
        from mundap.evaluation.findings import findings
        from mundap.evaluation.fit.calibration import fit_confidence
        from mundap.evaluation.fit.fusion import fit_fusion

        check_against(queries, entries)

        def fuse(retriever: Retriever) -> "Fusion":
            return fit_fusion(retriever, queries)

        def calibrate(retriever: Retriever) -> "Confidence":
            return fit_confidence(retriever, queries=queries, far=bundled_far_queries())

        reader, reader_directory = wanted_pretrained(pretrained)
        if reader is None and queries:
            require_small(len(entries), "fitting to queries", "Leave them out, or fit on a part.")
        if reader is not None and is_large(len(entries)):
            _LOG.warning("%s", forewarning(entries, reader))
        Bundle.build(
            Path(path),
            entries,
            load_encoder(encoder),
            encoder_directory=encoder_directory(encoder),
            pretrained=reader,
            pretrained_directory=reader_directory,
            fuse=fuse,
            calibrate=calibrate,
            look=findings,
        )
        return cls.open(path)

    def ask(self, query: str, *, category: str | None = None, language: Language = "ko") -> Reply:
        """Return the answer, a did-you-mean or a don't-know; never raises for any text."""
        return self._bot.reply(query, category=category, language=language)

    def evaluate(self, queries: Sequence[Query]) -> "RetrievalFigures":
        """Return how often the right entry comes first, with 95% intervals."""
        from mundap.evaluation.ranking import rank_all
        from mundap.evaluation.retrieval import evaluate
        from mundap.evaluation.run import qrels_of

        bundle = self._live.get()
        check_against(queries, bundle.entries)
        return evaluate(rank_all(bundle.retriever, queries), qrels_of(queries))


def train(
    entries: Sequence[FaqEntry], output: str | Path, config: TrainingConfig | None = None
) -> Path:
    """Fine-tune an encoder on a FAQ, as `mundap train` does, and return its directory.

    Needs torch. Raises ValueError or OSError in a sentence; an encoder that was at `output`
    then stays.
    """
    from mundap.training.data.split import Split
    from mundap.training.fit.trainer import train as fit

    config = config or TrainingConfig()
    return fit(Split.of_faq(entries, config), config, Path(output))
