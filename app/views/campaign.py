from flask import Blueprint

views = Blueprint("campaign", __name__)
