"""The groups of the back office. What each may do is given to them in the admin."""

from django.db import migrations

NAMES = ["instructor", "moderator", "support", "finance"]


def make_groups(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name in NAMES:
        Group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    # Backwards the groups stay: somebody may have put people into them.
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
