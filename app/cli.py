"""Thin commands: each calls one function of the application."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the commands."""
