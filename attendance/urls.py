"""Addresses under ``/api/attendance/``."""

from django.urls import URLPattern, path

from attendance.views.calendar import CalendarAddressView, CalendarView
from attendance.views.checking_in import CheckInView, CheckOutView, CodeView, JoinAddressView, JoinView
from attendance.views.excuses import ExcuseDecisionView, ExcusesView, ExcuseView
from attendance.views.policies import PolicyView
from attendance.views.reports import RecordsView, RecordView, SummaryView
from attendance.views.roll import HistoryView, RollView
from attendance.views.sessions import SessionsView, SessionView
from attendance.views.warned import WarningsView

urlpatterns: list[URLPattern] = [
    path("calendar.ics", CalendarView.as_view()),
    path("calendar/", CalendarAddressView.as_view()),
    path("courses/<id:pk>/policy/", PolicyView.as_view()),
    path("courses/<id:pk>/summary/", SummaryView.as_view()),
    path("excuses/", ExcusesView.as_view()),
    path("join/", JoinView.as_view(), name="attendance-join"),
    path("records/", RecordsView.as_view()),
    path("records/<id:pk>/", RecordView.as_view()),
    path("records/<id:pk>/history/", HistoryView.as_view()),
    path("sessions/", SessionsView.as_view()),
    path("sessions/<id:pk>/", SessionView.as_view()),
    path("sessions/<id:pk>/check-in/", CheckInView.as_view()),
    path("sessions/<id:pk>/check-out/", CheckOutView.as_view()),
    path("sessions/<id:pk>/code/", CodeView.as_view()),
    path("sessions/<id:pk>/excuse/", ExcuseView.as_view()),
    path("sessions/<id:pk>/excuse/<id:user_id>/", ExcuseDecisionView.as_view()),
    path("sessions/<id:pk>/join/", JoinAddressView.as_view()),
    path("sessions/<id:pk>/roll/", RollView.as_view()),
    path("warnings/", WarningsView.as_view()),
]
