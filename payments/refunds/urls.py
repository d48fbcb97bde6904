from django.urls import path

from payments.refunds.views import RefundsView

urlpatterns = [path("refunds/", RefundsView.as_view())]
