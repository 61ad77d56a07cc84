"""What stands in the place of the owner's page where several processes serve."""

from fastapi import APIRouter

from mundap.chatbot.admin.frame import PREFIX
from mundap.chatbot.api.errors import ApiError

_MESSAGE = (
    "The owner's page is served by one process: `mundap serve` without --workers, on another port "
    "and with the same settings. What is published there, these processes take up."
)


def elsewhere_router() -> APIRouter:
    """Return a route for every path of that page, which says where it is to be found."""
    router = APIRouter(include_in_schema=False)

    @router.get(PREFIX)
    @router.get(f"{PREFIX}/{{path:path}}")
    async def elsewhere(path: str = "") -> None:
        raise ApiError(404, "served_elsewhere", _MESSAGE)

    return router
