"""Messages that come with a file."""

from collections.abc import Callable
from dataclasses import replace

from django.db import transaction

from accounts.api import User
from community.chat.models import Attachment, Message
from community.chat.selectors import blocked_by
from community.chat.services.drafts import Draft, Posted, StoredFile
from community.chat.services.rooms import message_read_by
from e_learning.core.api.errors import NotThere
from e_learning.core.media_types import served_type
from e_learning.core.owned_files import dropped_on_error
from e_learning.core.uploads import PICTURE, JudgedFile


def post_with_file(draft: Draft, upload: JudgedFile, post: Callable[[Draft], Posted]) -> Posted:
    """Post the draft with its file, whose content decides ``message_type``. The text may be empty.

    The file is stored before the transaction that names it begins, and deleted where that fails, or where the message
    was known already.
    """
    unsaved = Attachment()
    with dropped_on_error(unsaved):
        unsaved.file.save(str(upload.name), upload, save=False)
        stored_as = str(unsaved.file.name)
        file = StoredFile(stored_as, upload.original_name, served_type(stored_as), upload.size)
        kind = Message.Kind.IMAGE if upload.family == PICTURE else Message.Kind.FILE
        with transaction.atomic():
            posted = post(replace(draft, attachment=file, message_type=kind))
    if not posted.is_new:
        unsaved.file.delete(save=False)
    return posted


def attachment_read_by(*, user: User, message_id: int) -> Attachment:
    """Return the file of a message that the user may read; 404 for any other, also of somebody they have blocked."""
    message = message_read_by(user=user, message_id=message_id)
    attachment: Attachment | None = getattr(message, "attachment", None)
    is_hidden = message.deleted_at is not None or message.sender_id in blocked_by(user.pk)
    if attachment is None or is_hidden:
        raise NotThere
    return attachment
