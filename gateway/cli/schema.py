"""`journey-gateway schema`: print the GraphQL schema."""

import typer

from gateway.graph.schema import make_schema


def schema() -> None:
    """Print the GraphQL schema in its definition language."""
    typer.echo(make_schema().as_str())
