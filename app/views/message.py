from flask import Blueprint

views = Blueprint("message", __name__)
