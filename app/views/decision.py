from flask import Blueprint

views = Blueprint("decision", __name__)
