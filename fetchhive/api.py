"""The HTTP API: what each room has to say, at one address."""

from imagegen.library import api as assets
from workflows.api import runs, workflows
from workflows.api.application import Api, routes

api = Api()
api.add_router("", workflows.router)
api.add_router("", runs.router)
api.add_router("", assets.router)
urls = routes(api)
