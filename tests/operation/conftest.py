from tests.support.fixtures import app, client, engine

__all__ = ["app", "client", "engine"]
