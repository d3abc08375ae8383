from flask import Blueprint

views = Blueprint("person", __name__)
