"""REST face of a course's policy."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import caller_of
from attendance.selectors.policies import policy_seen_by
from attendance.serializers.policies import PolicySerializer
from attendance.services.policies import set_policy
from e_learning.core.api.asking import sent
from e_learning.core.api.permissions import SignedIn


class PolicyView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="attendance_policy", responses=PolicySerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How the course keeps its register: for who teaches it and its learners."""
        return Response(PolicySerializer(policy_seen_by(caller_of(request), pk)).data)

    @extend_schema(operation_id="attendance_policy_update", request=PolicySerializer, responses=PolicySerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent. The course's owner and admins; sessions that are planned keep their times."""
        values = sent(PolicySerializer, request, partial=True)
        return Response(PolicySerializer(set_policy(owner=caller_of(request), course_id=pk, values=values)).data)
