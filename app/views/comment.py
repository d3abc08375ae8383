from flask import Blueprint

views = Blueprint("comment", __name__)
