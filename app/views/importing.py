from flask import Blueprint

views = Blueprint("importing", __name__)
