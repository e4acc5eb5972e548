"""What `dramatiq config.broker` imports: Django set up, and the broker that config.wiring made."""

import os

import django
import dramatiq

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
django.setup()

broker = dramatiq.get_broker()
