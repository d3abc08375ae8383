from flask import Blueprint

views = Blueprint("vote", __name__)
