"""Pictures of a hyper-parameter search."""

import warnings
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from optuna import Study
from optuna.exceptions import ExperimentalWarning
from optuna.trial import TrialState
from optuna.visualization.matplotlib import plot_optimization_history, plot_param_importances

# Importances compare the better trials with all of them: of fewer, they say nothing.
LEAST = 4


def draw_search(study: Study, figure: str, directory: Path) -> list[Path]:
    """Draw `history.png` and, once there is something to compare, `importances.png`.

    `figure` names what was searched for. Returns what was drawn.
    """
    plots = {"history": plot_optimization_history}
    finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(finished) >= LEAST and len({trial.value for trial in finished}) > 1:
        plots["importances"] = plot_param_importances
    paths = []
    for name, plot in plots.items():
        path = directory / f"{name}.png"
        # The library calls its plots experimental, and changes matplotlib's style for all.
        with warnings.catch_warnings(), mpl.rc_context():
            warnings.simplefilter("ignore", ExperimentalWarning)
            drawn = plot(study, target_name=figure).figure
            drawn.savefig(path, dpi=120, bbox_inches="tight")
        plt.close(drawn)
        paths.append(path)
    return paths
