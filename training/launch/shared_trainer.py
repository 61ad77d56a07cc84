"""The library's trainer, of several processes each with its part of every batch."""

import sys
from typing import Any

from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
from tqdm import tqdm
from transformers import set_seed

from mundap.training.launch.loss_gradients import AverageLossGradients
from mundap.training.launch.team import Team


class SharedTrainer(SentenceTransformerTrainer):
    """Draws batches for all processes together, and trains this one on its part of each.

    Alone it trains on the whole, as the library does.
    """

    def __init__(self, *, model: SentenceTransformer, **options: Any) -> None:
        self._team = Team.join()
        super().__init__(model=model, **options)
        if self._team.is_several:
            self.add_callback(AverageLossGradients(model, self.losses()))

    def losses(self) -> list[Any]:
        """Return the loss of each data set."""
        return list(self.loss.values()) if isinstance(self.loss, dict) else [self.loss]

    def measure(self) -> dict[str, float]:
        """Return what the evaluator finds now, in every process what it finds in the first."""
        evaluator: Any = self.evaluator
        return self._team.from_first(lambda: dict(evaluator(self.model)))

    def train(self, *args: Any, **kwargs: Any) -> Any:
        """See the library; of several processes each leaves out other words, at other places."""
        if self._team.is_several:
            set_seed(self.args.seed + self._team.rank)
            whole = self._team.size * self.args.per_device_train_batch_size
            tqdm.write(f"{self._team.size} processes share batches of {whole}", file=sys.stderr)
        return super().train(*args, **kwargs)

    def whole_batches(self, dataset: Any, batch_size: int, seed: int) -> Any:
        """Return a sampler of batches of all processes together; None leaves it to the library."""
        return None

    def get_batch_sampler(
        self, dataset: Any, batch_size: int, drop_last: bool, *args: Any, **kwargs: Any
    ) -> Any:
        """Return the sampler of this process's batches of one data set."""
        processes = self._team.size
        batch_size *= processes
        whole = self.whole_batches(dataset, batch_size, self.args.seed)
        if whole is None:
            # A last batch that cannot be shared out; the library would drop every short one.
            drop_last = len(dataset) > batch_size and len(dataset) % batch_size < processes
            whole = super().get_batch_sampler(dataset, batch_size, drop_last, *args, **kwargs)
        return self._team.parts(whole) if isinstance(self.train_dataset, Dataset) else whole

    def get_multi_dataset_batch_sampler(self, *args: Any, **kwargs: Any) -> Any:
        """Return the sampler of this process's batches of several data sets."""
        return self._team.parts(super().get_multi_dataset_batch_sampler(*args, **kwargs))

    def _save_rng_state(self, output_dir: str) -> None:
        """Write the chance of this process, and wait for the others': the state comes last."""
        super()._save_rng_state(output_dir)
        self._team.wait()
