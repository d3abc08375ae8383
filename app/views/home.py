from flask import Blueprint

views = Blueprint("home", __name__)
