"""What notifications hear of: the apps below, and who speaks in community. The telling is a task's."""

from attendance.events import AttendanceWarned, ClassCancelled, ClassMoved, ClassSoon, ExcuseAsked, ExcuseDecided
from chatbot.events import SevereContentSaid
from community.events import MailAwaited, PostPublished, PushesQueued, RoomSpokeIn
from community.notifications import tasks
from courses.events import (
    AttemptGraded,
    CourseCompleted,
    EnrollmentEnded,
    EnrollmentExpired,
    EnrollmentExpiring,
    LearnerEnrolled,
)
from e_learning.core.events import listens_to
from e_learning.core.wake import wake_on_commit
from payments.events import PaymentCaptured, RefundProcessed


@listens_to(LearnerEnrolled)
def on_learner_enrolled(event: LearnerEnrolled) -> None:
    key = f"enrolled.{event.enrollment_id}.{event.at.isoformat()}"
    wake_on_commit(tasks.tell_of_course, "enrolled", event.user_id, event.course_id, key)


@listens_to(EnrollmentExpiring)
def on_enrollment_expiring(event: EnrollmentExpiring) -> None:
    until = event.expiry_date.isoformat()
    key = f"expiring.{event.enrollment_id}.{until}"
    wake_on_commit(tasks.tell_of_course, "expiring", event.user_id, event.course_id, key, until)


@listens_to(EnrollmentExpired)
def on_enrollment_expired(event: EnrollmentExpired) -> None:
    key = f"expired.{event.enrollment_id}.{event.expiry_date.isoformat()}"
    wake_on_commit(tasks.tell_of_course, "expired", event.user_id, event.course_id, key)


@listens_to(EnrollmentEnded)
def on_enrollment_ended(event: EnrollmentEnded) -> None:
    key = f"ended.{event.enrollment_id}.{event.at.isoformat()}"
    wake_on_commit(tasks.tell_of_course, "ended", event.user_id, event.course_id, key)


@listens_to(CourseCompleted)
def on_course_completed(event: CourseCompleted) -> None:
    wake_on_commit(
        tasks.tell_of_course, "completed", event.user_id, event.course_id, f"completed.{event.enrollment_id}"
    )


@listens_to(AttemptGraded)
def on_attempt_graded(event: AttemptGraded) -> None:
    """Once a day an attempt: its essays are graded one after the other."""
    wake_on_commit(tasks.tell_of_fact, "graded", event.user_id, f"graded.{event.attempt_id}.{event.at:%Y-%m-%d}")


@listens_to(ClassSoon)
def on_class_soon(event: ClassSoon) -> None:
    starts_at, words = event.starts_at.isoformat(), {"class": event.title}
    key = f"class.{event.session_id}.soon.{starts_at}"
    wake_on_commit(tasks.tell_of_class, "soon", event.course_id, words, starts_at, key)


@listens_to(ClassMoved)
def on_class_moved(event: ClassMoved) -> None:
    """Once a change: of a class that is moved and moved back, twice."""
    fact = "moved_on" if event.and_following else "moved"
    starts_at, words = event.starts_at.isoformat(), {"class": event.title}
    key = f"class.{event.session_id}.moved.{event.sequence}"
    wake_on_commit(tasks.tell_of_class, fact, event.course_id, words, starts_at, key)


@listens_to(ClassCancelled)
def on_class_cancelled(event: ClassCancelled) -> None:
    fact = "cancelled_on" if event.and_following else "cancelled"
    starts_at, words = event.starts_at.isoformat(), {"class": event.title, "reason": event.reason}
    key = f"class.{event.session_id}.cancelled"
    wake_on_commit(tasks.tell_of_class, fact, event.course_id, words, starts_at, key)


@listens_to(ExcuseAsked)
def on_excuse_asked(event: ExcuseAsked) -> None:
    """Once a learner and class: asked again it is the same excuse."""
    _tell_of_excuse(event, "asked")


@listens_to(ExcuseDecided)
def on_excuse_decided(event: ExcuseDecided) -> None:
    _tell_of_excuse(event, "approved" if event.is_approved else "rejected")


def _tell_of_excuse(event: ExcuseAsked | ExcuseDecided, fact: str) -> None:
    key = f"excuse.{event.session_id}.{event.user_id}.{fact}"
    wake_on_commit(tasks.tell_of_excuse, fact, event.course_id, event.title, event.user_id, key)


@listens_to(AttendanceWarned)
def on_attendance_warned(event: AttendanceWarned) -> None:
    key = f"attendance.{event.course_id}.{event.below}"
    wake_on_commit(tasks.tell_of_warning, event.user_id, event.course_id, event.below, key)


@listens_to(PaymentCaptured)
def on_payment_captured(event: PaymentCaptured) -> None:
    wake_on_commit(tasks.tell_of_fact, "paid", event.user_id, f"payment.{event.payment_id}")


@listens_to(RefundProcessed)
def on_refund_processed(event: RefundProcessed) -> None:
    wake_on_commit(tasks.tell_of_fact, "refunded", event.user_id, f"refund.{event.refund_id}")


@listens_to(SevereContentSaid)
def on_severe_content_said(event: SevereContentSaid) -> None:
    """Once a day for each learner and kind: who goes on talking to the tutor does not bury the rest."""
    wake_on_commit(tasks.tell_staff_of_flag, f"severe.{event.user_id}.{event.kind}.{event.at:%Y-%m-%d}")


@listens_to(PostPublished)
def on_post_published(event: PostPublished) -> None:
    wake_on_commit(tasks.tell_of_post, event.post_id)


@listens_to(RoomSpokeIn)
def on_room_spoke_in(event: RoomSpokeIn) -> None:
    tasks.tell_of_room_soon(event.room_id)


@listens_to(MailAwaited)
def on_mail_awaited(event: MailAwaited) -> None:
    wake_on_commit(tasks.mail_people, list(event.user_ids))


@listens_to(PushesQueued)
def on_pushes_queued(event: PushesQueued) -> None:
    wake_on_commit(tasks.send_pushes, list(event.delivery_ids))
