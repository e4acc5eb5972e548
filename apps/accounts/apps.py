from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Note who signs in and out; offer the settings pages of this room."""
        from allauth.mfa.webauthn import forms as passkeys
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from apps.accounts import forms, subscribers
        from apps.accounts.views import audit, general, layout, members, teams

        user_logged_in.connect(subscribers.signed_in, dispatch_uid="accounts.signed_in")
        user_logged_out.connect(subscribers.signed_out, dispatch_uid="accounts.signed_out")
        for page in (general.link, members.link, teams.link, audit.link):
            layout.settings_pages.bind(page)
        for form in vars(passkeys).values():
            # Digits without end and brackets without bottom came through as a server error, before any sign-in.
            if credential := getattr(form, "base_fields", {}).get("credential"):
                credential.decoder = forms.CarefulDecoder
