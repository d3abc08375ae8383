from flask import Blueprint

views = Blueprint("debrief", __name__)
