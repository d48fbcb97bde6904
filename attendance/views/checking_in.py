"""REST faces of the code, of checking in and out, and of the way into a meeting."""

from django.http import HttpResponseRedirect
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from attendance.selectors.showing import code_of_class
from attendance.serializers.checking_in import (
    CheckedInSerializer,
    CheckedOutSerializer,
    CheckInSerializer,
    CodeSerializer,
    JoinAddressSerializer,
    JoinQuerySerializer,
)
from attendance.services.checking_in import Claim, check_in
from attendance.services.checking_out import check_out
from attendance.services.joining import join_address, join_meeting
from e_learning.core.api.asking import asked, sent
from e_learning.core.api.permissions import Anyone, SignedIn
from e_learning.core.api.schema import ErrorSerializer

_NOT_KEPT = {"Cache-Control": "no-store"}
#: The meeting is not told where its guests come from: that address has the token.
_NO_TRACE = _NOT_KEPT | {"Referrer-Policy": "no-referrer"}


class CodeView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="attendance_code", responses={200: CodeSerializer, 409: ErrorSerializer})
    def get(self, request: Request, pk: int) -> Response:
        """The code of this moment, to be shown to the class, with its QR. It changes every 30 seconds; it and its
        neighbours are taken. The course's owner and admins; learners: 403 `owners_only`. 409 `session_cancelled`.
        """
        return Response(CodeSerializer(code_of_class(caller_of(request), pk)).data, headers=_NOT_KEPT)


class CheckInView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="attendance_check_in", request=CheckInSerializer, responses=CheckedInSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Check in to a session with the code that is shown there. Sent again, the first answer comes again, whatever
        is sent and whenever.

        In person the place is asked for where the session has one; in a hybrid session one that is sent is noted;
        online it is ignored. With a `client_time` more than a minute ago it counts as made then, without a connection:
        for as long as the course's policy grants, with a code of that time.

        403 `not_a_learner`: who teaches and does not learn here. 409: `session_cancelled`, `check_in_not_open`,
        `check_in_closed`, `wrong_code`, `wrong_clock` (`client_time` more than a minute ahead), `sent_too_late` (longer
        ago than the policy grants), `too_far`, `device_in_use` (another learner checked in with this device). 429: five
        wrong codes within a minute; the right one waits too.
        """
        claim = Claim(**sent(CheckInSerializer, request))
        checked_in = check_in(learner=caller_of(request), session_id=pk, claim=claim)
        return Response(CheckedInSerializer(checked_in).data)


class CheckOutView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="attendance_check_out", request=None, responses=CheckedOutSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Leave a session; after its end that counts as the end. Sent again, the first answer comes again, until the
        learner has come in again by the meeting's address.

        403 `not_a_learner`. 409: `session_cancelled`, `not_checked_in`.
        """
        return Response(CheckedOutSerializer(check_out(learner=caller_of(request), session_id=pk)).data)


class JoinAddressView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="attendance_join_address", responses={200: JoinAddressSerializer, 409: ErrorSerializer})
    def get(self, request: Request, pk: int) -> Response:
        """An address that leads the caller, and nobody else, into the session's meeting and notes that they came. Good
        for five minutes, and never past the session's end. Its learners, the course's owner and admins.

        403 `not_a_learner`: an enrolment that begins later. 409: `session_cancelled`, `no_meeting` (also of a session
        in person), `not_open_yet` (before check-in opens), `already_over`.
        """
        address = join_address(user=caller_of(request), session_id=pk)
        return Response(JoinAddressSerializer(address).data, headers=_NOT_KEPT)


class JoinView(APIView):
    permission_classes = [Anyone]
    http_method_names = ["get", "options"]  # a HEAD is no coming: whoever previews addresses is told nothing

    @extend_schema(
        operation_id="attendance_join",
        parameters=[JoinQuerySerializer],
        responses={302: OpenApiResponse(description="To the meeting."), 409: ErrorSerializer},
    )
    def get(self, request: Request) -> HttpResponseRedirect:
        """Go into the meeting, by the address that `attendance_join_address` gave, and be noted as having come.

        404 `join_address_ended`: made up, too old, of an account that is closed. Whether the enrolment is current and
        the session open is asked again: 404; 409 `session_cancelled`, `no_meeting`, `not_open_yet`, `already_over`.
        """
        address = join_meeting(token=asked(JoinQuerySerializer, request)["token"])
        return HttpResponseRedirect(address, headers=_NO_TRACE)
