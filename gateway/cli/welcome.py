"""What a person sees when the server starts: what to open, and the keys."""

from rich.console import Console
from rich.markup import escape

from gateway.settings import Settings


def welcome(settings: Settings) -> None:
    """Print the addresses, the write key and the admin token; each on a line of its own, to be copied."""
    console = Console(soft_wrap=True, highlight=False)
    console.print("\n[bold]journey-gateway[/bold] is starting. Ctrl-C stops everything.\n")
    for name, value in _lines(settings):
        console.print(f"  [bold]{name:<13}[/bold]{escape(value)}")
    console.print()


def _lines(settings: Settings) -> list[tuple[str, str]]:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{settings.port}"  # noqa: S104 - shown, not bound
    demo = [("Demo shop", f"{url}/demo/"), ("Live list", f"{url}/live/")] if settings.demo_dir else []
    token = settings.admin_token or "made at an earlier start and stored as a hash only: see `journey-gateway token`"
    return [
        *demo,
        *([("GraphiQL", f"{url}/graphiql")] if settings.serves_graphiql else []),
        ("GraphQL", f"{url}/graphql"),
        ("Tag", f'<script async src="{url}/tag.js" data-write-key="{settings.write_key}"></script>'),
        ("Write key", settings.write_key or ""),
        ("Admin token", token),
    ]
