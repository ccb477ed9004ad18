"""Statements to keep: ``/statements/{number}.csv`` and ``.pdf``, for whom they are about."""

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from api.authentication import viewer_of
from api.context import Services
from api.errors import Refused, refused
from api.tokens import Viewer
from graph.errors import NotAllowed, NotFound, TiegraphError
from graph.revenue.sheet import sheet
from graph.revenue.statement import Statement

_TYPES = {"csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}


class StatementFiles:
    """Answers with statements as files."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[BaseRoute]:
        """Return where it answers."""
        return [Route("/statements/{number}.{kind}", self.statement)]

    async def statement(self, request: Request) -> Response:
        """Answer with a statement; another's is as one that does not exist."""
        number, kind = request.path_params["number"], request.path_params["kind"]
        try:
            viewer = await viewer_of(self._services, request)
            content = await run_sync(self._content, viewer, number, kind)
        except Refused as refusal:
            return _refusal(refusal)
        except TiegraphError as error:
            return _refusal(refused(error))
        name = f'attachment; filename="statement-{number}.{kind}"'
        headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
        return Response(content, headers=headers, media_type=_TYPES[kind])

    def _content(self, viewer: Viewer, number: str, kind: str) -> bytes:
        if viewer.role not in ("admin", "partner"):
            raise NotAllowed(f"the role {viewer.role} may not ask for statements")
        book = self._services.book
        statement = book.statement(number)
        if kind not in _TYPES or not may_see(viewer, statement):
            raise NotFound("there is no statement of that number")
        postings = book.postings(statement)
        if kind == "csv":
            return sheet(statement, postings, book.items(statement)).encode()
        from graph.revenue.paper import paper  # which takes a while to import

        return paper(statement, postings)


def may_see(viewer: Viewer, statement: Statement) -> bool:
    """Tell whether a statement is somebody's business."""
    return viewer.role == "admin" or viewer.subject == statement.party


def _refusal(refusal: Refused) -> Response:
    headers = {"Cache-Control": "no-store", **refusal.headers}
    return JSONResponse({"errors": refusal.problems}, refusal.status, headers)
