from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "apps.library"

    def ready(self) -> None:
        """Offer the library's tools to the gate."""
        from apps.library import tools
        from apps.policy.registry import catalogue

        ports = catalogue.builtin()
        ports["library_search"].bind(tools.search)
        ports["library_read"].bind(tools.read)
