"""Files over REST: a content's film, document and poster; the files that a course's texts show."""

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from courses.catalogue.selectors import assets_to_change, content_to_change
from courses.catalogue.serializers import (
    AssetSerializer,
    AssetUploadSerializer,
    ContentUploadSerializer,
    UploadStatusSerializer,
)
from courses.catalogue.services import add_asset, keep_upload, remove_asset
from courses.media.models import Asset
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.permissions import SignedIn
from e_learning.core.uploads.forms import DocumentForm, FilmForm


class ContentUploadView(APIView):
    permission_classes = [SignedIn]
    parser_classes = [FilmForm]

    @extend_schema(operation_id="contents_upload_status", responses=UploadStatusSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What is kept of an own content's uploads."""
        return Response(UploadStatusSerializer(content_to_change(caller_of(request), pk)).data)

    @extend_schema(
        operation_id="contents_upload",
        request={"multipart/form-data": ContentUploadSerializer},
        responses={201: UploadStatusSerializer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Give an own content its film or document (``file``), or a poster, in place of what it had.

        Judged by content: MP4 and WebM; PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, EPUB, and plain text, Markdown and
        CSV in UTF-8; pictures are PNG, JPEG, GIF and WebP. 413 too large, 415 any other kind, 400 damaged.
        """
        sent = ContentUploadSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        content = keep_upload(editor=caller_of(request), content_id=pk, **sent.validated_data)
        return Response(UploadStatusSerializer(content).data, status=201)


@extend_schema_view(get=extend_schema(operation_id="assets_list"))
class AssetsView(ListAPIView[Asset]):
    """The files of an own course, which its texts show as ``asset:<id>``; the latest first."""

    permission_classes = [SignedIn]
    parser_classes = [DocumentForm]
    serializer_class = AssetSerializer
    queryset = Asset.objects.none()

    def get_queryset(self) -> QuerySet[Asset]:
        return assets_to_change(caller_of(self.request), self.kwargs["pk"])

    @extend_schema(
        operation_id="assets_create",
        request={"multipart/form-data": AssetUploadSerializer},
        responses={201: AssetSerializer, 200: OpenApiResponse(AssetSerializer, "Kept already.")},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Keep a picture (PNG, JPEG, GIF, WebP) or a document for the course's texts; kept already answers 200."""
        sent = AssetUploadSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asset, is_new = add_asset(editor=caller_of(request), course_id=pk, upload=sent.validated_data["file"])
        return Response(AssetSerializer(asset).data, status=201 if is_new else 200)


class AssetView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="assets_delete", responses={204: None})
    def delete(self, request: Request, pk: int, asset_id: int) -> Response:
        """Remove a file of an own course; texts that refer to it show nothing in its place."""
        remove_asset(editor=caller_of(request), course_id=pk, asset_id=asset_id)
        return Response(status=204)
