from flask import Blueprint

views = Blueprint("idea", __name__)
