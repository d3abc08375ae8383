from flask import Blueprint

views = Blueprint("action", __name__)
