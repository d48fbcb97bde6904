"""Signing in over REST. Public calls read no token: a stale one in their header must not stand in the way."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.signin.callers import caller_of, session_of
from accounts.signin.devices import device_of
from accounts.signin.models import Session
from accounts.signin.push_devices import register_push_device, remove_push_device
from accounts.signin.selectors import sessions_of
from accounts.signin.serializers import (
    EmailVerifySerializer,
    LoginSerializer,
    PasswordChangeSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
    PushDeviceSerializer,
    RefreshSerializer,
    RegisterSerializer,
    SessionSerializer,
    SignedInSerializer,
    TicketSerializer,
    TokensSerializer,
)
from accounts.signin.services import (
    change_password,
    end_session,
    refresh_session,
    register,
    request_password_reset,
    resend_verification,
    reset_password,
    sign_in,
    sign_out,
    verify_email,
)
from accounts.signin.tickets import TICKET_SECONDS, issue_ticket
from e_learning.core.api.asking import sent
from e_learning.core.api.idempotency import idempotent
from e_learning.core.api.permissions import Anyone, SignedIn
from e_learning.core.client_address import client_address

NO_CONTENT = {204: OpenApiResponse(description="Done.")}
#: Said of requests whose effect is a mail, whether one goes out or not.
ACCEPTED = {202: OpenApiResponse({"type": "object"}, description="If there is anything to send, it is on its way.")}


class RegisterView(APIView):
    permission_classes = [Anyone]
    authentication_classes = []

    @extend_schema(
        operation_id="accounts_register",
        summary="Make an account",
        description="Signs in and mails a verification link. An address in use: 400 `email_taken`.",
        request=RegisterSerializer,
        responses={201: SignedInSerializer},
    )
    def post(self, request: Request) -> Response:
        asked = RegisterSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        device = device_of(request._request, name=asked.validated_data["device_name"])
        who = {name: asked.validated_data[name] for name in ("email", "password", "role")}
        return Response(SignedInSerializer(register(device=device, profile=asked.profile, **who)).data, status=201)


class LoginView(APIView):
    permission_classes = [Anyone]
    authentication_classes = []

    @extend_schema(
        operation_id="accounts_login",
        summary="Sign in",
        description="Wrong password or unknown address: 401 `invalid_credentials`. Closed: 403 `account_disabled`.",
        request=LoginSerializer,
        responses=SignedInSerializer,
    )
    def post(self, request: Request) -> Response:
        asked = sent(LoginSerializer, request)
        device = device_of(request._request, name=asked["device_name"])
        signed_in = sign_in(email=asked["email"], password=asked["password"], device=device)
        return Response(SignedInSerializer(signed_in).data)


class RefreshView(APIView):
    permission_classes = [Anyone]
    authentication_classes = []

    @extend_schema(
        operation_id="accounts_refresh",
        summary="Exchange a refresh token",
        description=(
            "Rotates. The token just replaced gets the same successor again for 10 s; any other use of a "
            "replaced token ends the session: 401 `token_reused`."
        ),
        request=RefreshSerializer,
        responses=TokensSerializer,
    )
    def post(self, request: Request) -> Response:
        tokens = refresh_session(refresh_token=sent(RefreshSerializer, request)["refresh_token"])
        return Response(TokensSerializer(tokens).data)


class LogoutView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="accounts_logout", summary="Sign out", request=None, responses=NO_CONTENT)
    def post(self, request: Request) -> Response:
        sign_out(session=session_of(request))
        return Response(status=204)


class PasswordChangeView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="accounts_password_change",
        summary="Change the password",
        description="Ends every other session. A wrong old password: 400 `invalid_password`.",
        request=PasswordChangeSerializer,
        responses=NO_CONTENT,
    )
    def post(self, request: Request) -> Response:
        asked = sent(PasswordChangeSerializer, request)
        change_password(session=session_of(request), address=client_address(request._request), **asked)
        return Response(status=204)


class PasswordResetView(APIView):
    permission_classes = [Anyone]
    authentication_classes = []

    @extend_schema(
        operation_id="accounts_password_reset",
        summary="Ask for a new password",
        description="The answer is the same whether the address has an account or not.",
        request=PasswordResetSerializer,
        responses=ACCEPTED,
    )
    def post(self, request: Request) -> Response:
        asked = sent(PasswordResetSerializer, request)
        request_password_reset(email=asked["email"], address=client_address(request._request))
        return Response({}, status=202)


class PasswordResetConfirmView(APIView):
    permission_classes = [Anyone]
    authentication_classes = []

    @extend_schema(
        operation_id="accounts_password_reset_confirm",
        summary="Set a new password by a mailed token",
        description="Ends every session. A token that is wrong, used or expired: 400 `invalid_token`.",
        request=PasswordResetConfirmSerializer,
        responses=NO_CONTENT,
    )
    def post(self, request: Request) -> Response:
        asked = sent(PasswordResetConfirmSerializer, request)
        reset_password(address=client_address(request._request), **asked)
        return Response(status=204)


class EmailVerifyView(APIView):
    permission_classes = [Anyone]
    authentication_classes = []

    @extend_schema(
        operation_id="accounts_email_verify",
        summary="Confirm an e-mail address by a mailed token",
        description="A token that is wrong, used or expired: 400 `invalid_token`.",
        request=EmailVerifySerializer,
        responses=NO_CONTENT,
    )
    def post(self, request: Request) -> Response:
        verify_email(token=sent(EmailVerifySerializer, request)["token"])
        return Response(status=204)


class EmailResendView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="accounts_email_resend",
        summary="Mail the verification link again",
        request=None,
        responses=ACCEPTED,
    )
    def post(self, request: Request) -> Response:
        resend_verification(user=caller_of(request), address=client_address(request._request))
        return Response({}, status=202)


@extend_schema_view(get=extend_schema(operation_id="accounts_sessions", summary="The devices signed in"))
class SessionsView(ListAPIView[Session]):
    permission_classes = [SignedIn]
    serializer_class = SessionSerializer
    queryset = Session.objects.none()  # tells the schema the model; the rows come from below

    def get_queryset(self) -> Any:
        return sessions_of(user_id=caller_of(self.request).pk)


class SessionView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="accounts_session_end", summary="Sign a device out", responses=NO_CONTENT)
    def delete(self, request: Request, pk: int) -> Response:
        end_session(user=caller_of(request), session_id=pk)
        return Response(status=204)


class PushDevicesView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="accounts_device_register",
        summary="Let this app be reached by push",
        description="The same token again answers the same device; one that was another session's moves to this one.",
        request=PushDeviceSerializer,
        responses={201: PushDeviceSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        device = register_push_device(session=session_of(request), **sent(PushDeviceSerializer, request))
        return Response(PushDeviceSerializer(device).data, status=201)


class PushDeviceView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="accounts_device_remove", summary="No more push to this app", responses=NO_CONTENT)
    def delete(self, request: Request, pk: int) -> Response:
        remove_push_device(user=caller_of(request), device_id=pk)
        return Response(status=204)


class SocketTicketView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="accounts_ws_ticket",
        summary="A ticket for one socket",
        description="Opens one socket as `?ticket=`, once: for pages, which can send no header with it. Each call gives"
        " another; an `Idempotency-Key` is ignored, because an answer kept would be a ticket kept.",
        request=None,
        responses=TicketSerializer,
    )
    def post(self, request: Request) -> Response:
        ticket = issue_ticket(session=session_of(request))
        return Response(TicketSerializer({"ticket": ticket, "expires_in": TICKET_SECONDS}).data)
