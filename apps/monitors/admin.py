"""Staff see no timetables: each belongs to a monitor of a workspace, which changes it."""

from __future__ import annotations

from django.contrib import admin
from django_celery_beat import models

for model in (
    models.PeriodicTask, models.CrontabSchedule, models.IntervalSchedule, models.SolarSchedule, models.ClockedSchedule,
):  # fmt: skip
    if admin.site.is_registered(model):
        admin.site.unregister(model)
