"""What the staff group ``instructor`` may do in the back office. Which rows they see there is each page's own rule."""

from e_learning.core.staff_groups import Allowed

_WRITTEN = ("course", "module", "content")
_MENDED = ("quiz", "question", "answerkey", "questionoption", "subtitle", "essayanswer")
_READ = ("category", "enrollment", "progress", "quizattempt", "quizanswer", "asset", "review", "accessgrant")

MAY: Allowed = {
    "instructor": {
        "add": _WRITTEN,
        "change": _WRITTEN + _MENDED,
        "delete": _WRITTEN,
        "view": _WRITTEN + _MENDED + _READ,
    }
}
