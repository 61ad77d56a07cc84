"""The two routes over which the page sends a file and fetches one, in place of gradio's."""

from collections.abc import Iterator
from typing import IO, Annotated

from fastapi import APIRouter, File, Response, UploadFile
from fastapi.responses import StreamingResponse

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.lines import CLIENT
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.page.files import FileGoneError, Files

_BLOCK = 1 << 16


def page_files_router(files: Files, settings: ApiSettings) -> APIRouter:
    """Return the routes; a file is known by the token that its sender was told."""
    router = APIRouter(prefix="/gradio_api", include_in_schema=False)

    @router.post(
        "/upload",
        max_body_size=settings.max_upload_bytes,
        form_limits={"max_files": 1, "max_fields": 0, "max_part_size": 1024},
    )
    def upload(sent: Annotated[UploadFile, File(alias="files")]) -> list[str]:
        return [files.keep(sent.file, CLIENT.get())]

    # gradio's page listens here while it sends, and then goes on.
    @router.get("/upload_progress")
    async def upload_progress() -> Response:
        return Response('data: {"msg": "done"}\n\n', media_type="text/event-stream")

    @router.get("/file={token}")
    def file(token: str) -> StreamingResponse:
        try:
            kept = files.get(token)
        except FileGoneError as error:
            raise ApiError(404, "file_gone", str(error)) from None
        headers = {"Content-Disposition": "attachment", "Content-Length": str(kept.size)}
        return StreamingResponse(_blocks(kept.open()), media_type="text/csv", headers=headers)

    return router


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK):
            yield block
