"""What assets need from outside: the home and the sources. Nothing is read at import."""

import dagster as dg

from pipelines.home import Home
from pipelines.sites_config import Source, load_sources


class Platform(dg.ConfigurableResource):
    """The home that `SUANZHANG_HOME` names and the configured sources, read when first asked for."""

    @property
    def home(self) -> Home:
        return Home.from_environment()

    @property
    def sources(self) -> dict[str, Source]:
        return load_sources()
