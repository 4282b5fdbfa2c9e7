"""All HTTP routes, in one list."""

from collections.abc import Collection
from pathlib import Path

from fastapi import FastAPI

from fourhands.actions.place import Place
from fourhands.desk.desk import Desk
from fourhands.edge.http import error_map
from fourhands.edge.http.accounts import accounts_router
from fourhands.edge.http.admin import admin_router
from fourhands.edge.http.admin_acts import admin_acts_router
from fourhands.edge.http.admin_audit import admin_audit_router
from fourhands.edge.http.admin_invitations import admin_invitations_router
from fourhands.edge.http.caller import Outside
from fourhands.edge.http.description import describe
from fourhands.edge.http.erasures import erasures_router
from fourhands.edge.http.files import files_router
from fourhands.edge.http.health import Need, health_router
from fourhands.edge.http.history import history_router
from fourhands.edge.http.invites import invites_router
from fourhands.edge.http.languages import languages_router
from fourhands.edge.http.me import me_router
from fourhands.edge.http.members import members_router
from fourhands.edge.http.metrics import MetricsDoor, metrics_router
from fourhands.edge.http.oidc import oidc_router
from fourhands.edge.http.own_data import own_data_router
from fourhands.edge.http.own_rooms import own_rooms_router
from fourhands.edge.http.pages import pages_router
from fourhands.edge.http.piston import ApiTokens, piston_router
from fourhands.edge.http.piston_connect import connect_router
from fourhands.edge.http.rooms import rooms_router
from fourhands.edge.http.runs import runs_router
from fourhands.edge.http.teams import teams_router
from fourhands.room.journal import Journal

STATIC = Path(__file__).parents[2] / "static"


def install(
    app: FastAPI, place: Place, journal: Journal, outside: Outside, tokens: ApiTokens, *, desk: Desk, metrics: MetricsDoor, needs: Collection[Need] = ()
) -> None:
    """Give the application its routes and its way with failures."""
    error_map.install(app, outside.root_path)
    describe(app)
    app.state.stopping = False
    app.include_router(accounts_router(place, outside))
    app.include_router(oidc_router(place, outside))
    app.include_router(own_rooms_router(place, outside))
    app.include_router(me_router(place, outside))
    app.include_router(teams_router(place, outside))
    app.include_router(rooms_router(place, outside))
    app.include_router(members_router(place, outside))
    app.include_router(invites_router(place, outside))
    app.include_router(files_router(place, outside))
    app.include_router(history_router(place, outside))
    app.include_router(runs_router(place, outside))
    app.include_router(erasures_router(place, outside))
    app.include_router(own_data_router(place, outside))
    app.include_router(languages_router(place))
    app.include_router(piston_router(place, tokens))
    app.include_router(connect_router(place, tokens))
    app.include_router(admin_router(place, desk, outside))
    app.include_router(admin_acts_router(place, desk, outside))
    app.include_router(admin_audit_router(place, outside))
    app.include_router(admin_invitations_router(place, outside))
    app.include_router(health_router(place, journal, needs=needs, has_pages=(STATIC / "index.html").is_file()))
    app.include_router(metrics_router(metrics))
    app.include_router(pages_router(STATIC, outside.root_path, outside.public_url, place.accounts.rules.mode))
