from flask import Blueprint

views = Blueprint("theme", __name__)
