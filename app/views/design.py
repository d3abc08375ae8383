from flask import Blueprint

views = Blueprint("design", __name__)
