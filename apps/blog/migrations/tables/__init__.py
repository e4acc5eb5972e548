"""The tables of Wagtail and of the site, by app: what `makemigrations` made of their models."""
