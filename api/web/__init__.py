"""Pages and their files, served by ourselves: no browser of ours asks any outside host."""

from pathlib import Path

GRAPHIQL_FOLDER = Path(__file__).parent / "graphiql" / "assets"
GRAPHIQL_PAGE = Path(__file__).parent / "graphiql" / "index.html"
QUALITY_FOLDER = Path(__file__).parent / "quality"
