"""The floor of admission: a bare Django view that inserts a row and enqueues a message, served as our pages are."""

import os

import dramatiq
import psycopg
from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from dramatiq.brokers.redis import RedisBroker

given = psycopg.conninfo.conninfo_to_dict(os.environ["BARE_DATABASE"])
settings.configure(
    SECRET_KEY="bare", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[], USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql", "NAME": given["dbname"], "USER": given.get("user", ""),
            "PASSWORD": given.get("password", ""), "HOST": given["host"], "PORT": given["port"],
            "OPTIONS": {
                "pool": {"min_size": 1, "max_size": 20}, "options": f"-c search_path={os.environ['BARE_SCHEMA']}",
            },
        }
    },
)  # fmt: skip
dramatiq.set_broker(RedisBroker(url=os.environ["BARE_REDIS"]))


@dramatiq.actor(queue_name="bare")
def noted(number: int) -> None:
    """Nobody works this queue."""


def admit(request: HttpRequest) -> HttpResponse:
    """Insert a row, enqueue a message, redirect."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare (body) VALUES (%s) RETURNING id", [request.POST["question"]])
        row = cursor.fetchone()
    noted.send(row[0])
    return HttpResponse(status=302, headers={"Location": f"/{row[0]}"})


urlpatterns = [path("admit", admit)]
application = WSGIMiddleware(get_wsgi_application(), workers=16)
