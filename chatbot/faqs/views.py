"""REST face of frequent questions."""

from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from chatbot.faqs.selectors import ENGLISH, faqs_shown
from chatbot.faqs.serializers import FaqPageSerializer, FaqQuerySerializer, faqs_body
from e_learning.core.api.asking import asked
from e_learning.core.api.conditional import conditional_answer
from e_learning.core.api.pagination import page_asked_for, page_of
from e_learning.core.api.permissions import Anyone
from e_learning.core.api.renderers import to_json
from e_learning.core.api.schema import PAGE_PARAMETERS


class FaqsView(APIView):
    permission_classes = [Anyone]

    @extend_schema(
        operation_id="chatbot_faqs_list", parameters=[FaqQuerySerializer, *PAGE_PARAMETERS], responses=FaqPageSerializer
    )
    def get(self, request: Request) -> HttpResponse:
        """Frequent questions about the platform with their answers, in the caller's language or else in English."""
        language, (page, size) = (get_language() or ENGLISH).split("-")[0], page_asked_for(request._request)
        faqs = faqs_shown(language=language, **asked(FaqQuerySerializer, request))
        shown = faqs_body(faqs[(page - 1) * size : page * size])
        body = to_json(page_of(request._request, shown, count=len(faqs)).data)
        return conditional_answer(request._request, body)
