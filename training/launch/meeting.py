"""How the processes of a launch find one another, before a command begins."""

from mundap.training.launch.launch import launched_processes, require_launch, require_one_process


def meet_for(command: str) -> None:
    """Let the processes of a launch meet for a command that shares its work.

    Raises LaunchError where the launcher started something else than processes that share batches,
    or several for a command of one.
    """
    if command != "train":
        require_one_process(f"mundap {command}")
        return
    require_launch()
    if launched_processes() > 1:
        from mundap.training.launch.team import Team

        Team.join()
