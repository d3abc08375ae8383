"""An application whose answers say who it thinks is calling: “address scheme host”."""

from flask import Flask, request

from app import create_app as real_app


def create_app() -> Flask:
    app = real_app()
    app.before_request_funcs = {None: [lambda: f"{request.remote_addr} {request.scheme} {request.host}"]}
    return app
