"""What the tutor says itself, where no model and no lesson speaks."""

from django.utils.translation import gettext_lazy as _

NOT_FOUND = _(
    "I could not find an answer to that in the lessons that are open to you. Try other words, or ask your teacher."
)
OPEN_ATTEMPT = _(
    "That looks like a question of the quiz that you are taking now, so I will not answer it. You can do it! "
    "Ask me again when you have handed the quiz in, and we will go through it together."
)
#: By ``Flag.Kind``.
KIND_WORDS = {
    "self_harm": _(
        "I am glad that you told me. I am only a computer program and can't help you as you deserve, but people can. "
        "Please talk to an adult whom you trust, right now: your parents, a teacher or a doctor. If you are in "
        "danger, call the emergency number 112. In India you can call Tele-MANAS at 14416 or Childline at 1098, at any "
        "hour and for free. You are not alone. Somebody of the school will read this too."
    ),
    "abuse": _(
        "I am sorry that this happens to you. It is not your fault, and it was right to tell it. I am only a computer "
        "program: please tell an adult whom you trust, your parents, a teacher or a doctor. If you are in danger, "
        "call the emergency number 112. In India you can call Childline at 1098, at any hour and for free. Somebody of "
        "the school will read this too."
    ),
    "violence": _(
        "That sounds serious, and I can't answer it. If you are angry or afraid, please talk to an adult whom you "
        "trust: your parents or a teacher. If somebody is in danger, call the emergency number 112. Somebody of the "
        "school will read this too."
    ),
    "sexual": _(
        "I can't talk about that. If somebody asks you for pictures or for things that feel wrong, it is not your "
        "fault: please tell an adult whom you trust, your parents or a teacher. In India you can call Childline at "
        "1098, at any hour and for free. Somebody of the school will read this too."
    ),
}
