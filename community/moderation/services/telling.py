"""What people are told of decisions about them."""

from django.utils.translation import gettext_lazy as _

from community.moderation.models import ModerationAction
from community.notifications.models import Notification
from community.notifications.services import News, notify

Verb = ModerationAction.Verb
_Kind = Notification.Kind
_POST = {
    Verb.APPROVE: _("Your post was approved"),
    Verb.REJECT: _("Your post was not approved"),
    Verb.REMOVE: _("Your post was removed"),
    Verb.RESTORE: _("Your post can be read again"),
}
_MESSAGE = {
    Verb.REMOVE: _("Your message was removed"),
    Verb.RESTORE: _("Your message can be read again"),
}
_MEMBER = {
    Verb.MUTE: _("You may read here, and not write for now"),
    Verb.UNMUTE: _("You may write here again"),
    Verb.BAN: _("You may not enter this community for now"),
    Verb.UNBAN: _("You may enter this community again"),
    Verb.ROLE: _("You have another role in this community"),
}
_UNDONE = _("A decision of the moderators was taken back")
_KINDS = {Verb.APPROVE: _Kind.POST_APPROVED, Verb.REJECT: _Kind.POST_REJECTED}


def tell(action: ModerationAction, *, user_id: int | None) -> None:
    """Tell the author or member whom the decision concerns, with its reason; of pins and dismissals nobody is told.

    The moderators speak as one: the notification has no actor, so that nobody escapes it by blocking one of them.
    """
    titles = _POST if action.post_id else _MESSAGE if action.message_id else _MEMBER
    title = _UNDONE if action.verb == Verb.UNDO else titles.get(Verb(action.verb))
    if title is None or user_id is None or user_id == action.actor_id:
        return
    news = News(
        kind=_KINDS.get(Verb(action.verb), _Kind.MODERATOR_ACTION),
        key=f"moderation:{action.pk}",
        title=title,
        message=action.reason,
        community_id=action.community_id,
        post_id=action.post_id,
    )
    notify(user_ids=[user_id], news=news)
