"""A grant for every active enrolment from before grants were kept: why it is open, and until when."""

from datetime import timedelta

from django.db import migrations

REASON = "enrolled before grants were kept"


def grant_what_is_open(apps, schema_editor):
    grants = apps.get_model("courses", "AccessGrant").objects
    enrollments = apps.get_model("courses", "Enrollment").objects.filter(is_active=True, grants=None)
    enrollments = enrollments.select_related("course").order_by("pk")
    batch = []
    for enrollment in enrollments.iterator(1000):
        batch.append(grants.model(**grant_of(enrollment)))
        if len(batch) == 1000:
            grants.bulk_create(batch)
            batch.clear()
    grants.bulk_create(batch)


def grant_of(enrollment):
    course, ends_at = enrollment.course, enrollment.expiry_date
    source = "free" if course.price_paise == 0 else "own" if course.instructor_id == enrollment.user_id else "manual"
    starts_at = enrollment.enrollment_date
    return {
        "user_id": enrollment.user_id,
        "course_id": course.pk,
        "enrollment_id": enrollment.pk,
        "source": source,
        "reason": REASON,
        # The grant of an enrolment that ended before it began has to begin before its end.
        "starts_at": starts_at if ends_at is None else min(starts_at, ends_at - timedelta(seconds=1)),
        "ends_at": ends_at,
    }


class Migration(migrations.Migration):
    dependencies = [("courses", "0006_access")]

    operations = [migrations.RunPython(grant_what_is_open, migrations.RunPython.noop)]
