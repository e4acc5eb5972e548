from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Note who signs in and out; offer the settings pages of this room."""
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from apps.accounts import subscribers
        from apps.accounts.views import general, layout, members, teams

        user_logged_in.connect(subscribers.signed_in, dispatch_uid="accounts.signed_in")
        user_logged_out.connect(subscribers.signed_out, dispatch_uid="accounts.signed_out")
        for page in (general.link, members.link, teams.link):
            layout.settings_pages.bind(page)
