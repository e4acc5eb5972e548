from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "apps.library"

    def ready(self) -> None:
        """Offer the library's tools to the gate; limit the library by the settings."""
        from apps.library import tools
        from apps.library.actions import limits
        from apps.policy.registry import catalogue

        ports = catalogue.builtin()
        ports["library_search"].bind(tools.search)
        ports["library_read"].bind(tools.read)
        ports["document_write"].bind(tools.write)
        limits.limits.bind(limits.from_settings)
