"""The faces that need several rooms at once: one content, and search."""

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from courses.catalogue.views import ContentAuthoring
from courses.content_page import ContentPageSerializer, content_page
from courses.search_page import search_page, suggestions_page
from courses.search_serializers import (
    SearchQuerySerializer,
    SearchSerializer,
    SuggestionsQuerySerializer,
    SuggestionsSerializer,
    search_query,
)
from e_learning.core.api.asking import asked
from e_learning.core.api.conditional import conditional_answer
from e_learning.core.api.permissions import Anyone, AnyoneMayRead, SignedIn
from e_learning.core.api.renderers import to_json


class ContentView(ContentAuthoring):
    """One content: opened by its reader, changed by its owner."""

    permission_classes = [AnyoneMayRead]

    @extend_schema(operation_id="contents_retrieve", responses=ContentPageSerializer)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """A preview opens for anyone; the rest for the owner, admins and a current enrolment."""
        body = to_json(content_page(user=request.user, content_id=pk))
        return conditional_answer(request._request, body)


class SearchView(APIView):
    permission_classes = [Anyone]

    @extend_schema(operation_id="search", parameters=[SearchQuerySerializer], responses=SearchSerializer)
    def get(self, request: Request) -> Response:
        """Courses and contents that the caller may know of, and for the signed-in people they may look up.

        People: who teaches; for a teacher also the learners of their own courses; for an admin everybody.
        """
        query = search_query(asked(SearchQuerySerializer, request))
        return Response(search_page(user=request.user, query=query, at=timezone.now()))


class SuggestionsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="search_suggestions", parameters=[SuggestionsQuerySerializer], responses=SuggestionsSerializer
    )
    def get(self, request: Request) -> Response:
        """What the caller last searched for, and what many do."""
        beginning = asked(SuggestionsQuerySerializer, request).get("q", "")
        return Response(suggestions_page(user=caller_of(request), beginning=beginning, at=timezone.now()))
