"""The WSGI application, for servers started in a checkout or a container."""

from comments_service import create_app

app = create_app()
