"""REST faces of languages."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from courses.languages.cues import as_webvtt
from courses.languages.parsers import SUBTITLE_PARSERS, subtitle_bytes
from courses.languages.selectors import cue_rows, subtitles_of, subtitles_path
from courses.languages.serializers import CueSerializer, SubtitleSerializer
from courses.languages.services import upload_subtitles
from courses.learning.access import open_content
from e_learning.core.api.permissions import Anyone, SignedIn
from e_learning.core.storage import is_signed

_FILE = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}


class SubtitlesView(APIView):
    """Open to whoever may open the content, and to the signed addresses that the content's page gives to players."""

    permission_classes = [Anyone]

    @extend_schema(
        operation_id="contents_subtitles",
        parameters=[
            OpenApiParameter("language", description="A language tag; the first one there where it is left out."),
            OpenApiParameter("format", enum=["json", "vtt"], description="`vtt` gives a WebVTT file."),
            OpenApiParameter("expires", OpenApiTypes.STR, description="Of a signed address."),
            OpenApiParameter("signature", OpenApiTypes.STR, description="Of a signed address."),
        ],
        responses={(200, "application/json"): CueSerializer(many=True), (200, "text/vtt"): OpenApiTypes.STR},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The cues in one language, each with its words and its translation into the caller's native language."""
        if not is_signed(subtitles_path(pk), request._request):
            open_content(user=request.user, content_id=pk)
        subtitles = subtitles_of(
            content_id=pk,
            language=request.GET.get("language", ""),
            own_language=getattr(request.user, "native_language", ""),
        )
        if request.GET.get("format") == "vtt":
            return _webvtt_answer(as_webvtt(subtitles.cues))
        return Response(cue_rows(subtitles))


class SubtitleLanguageView(APIView):
    permission_classes = [SignedIn]
    parser_classes = SUBTITLE_PARSERS

    @extend_schema(
        operation_id="contents_subtitles_put",
        request={
            "text/vtt": OpenApiTypes.BINARY,
            "application/x-subrip": OpenApiTypes.BINARY,
            "text/plain": OpenApiTypes.BINARY,
            "application/octet-stream": OpenApiTypes.BINARY,
            "multipart/form-data": _FILE,
        },
        responses={201: SubtitleSerializer, 200: OpenApiResponse(SubtitleSerializer, "In place of what was there.")},
    )
    def put(self, request: Request, pk: int, language: str) -> Response:
        """An SRT, WebVTT or ASS file as the video's subtitles in one language; for the course's owner."""
        data = subtitle_bytes(request.data)
        subtitle, is_new = upload_subtitles(author=caller_of(request), content_id=pk, language=language, data=data)
        return Response(SubtitleSerializer(subtitle).data, status=201 if is_new else 200)


def _webvtt_answer(text: str) -> HttpResponse:
    headers = {"Cache-Control": "private, max-age=300", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(text, content_type="text/vtt; charset=utf-8", headers=headers)
