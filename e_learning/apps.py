from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """The project as an app: the commands that serve and seed."""

    name = "e_learning"
    label = "platform"
    verbose_name = "Platform commands"
