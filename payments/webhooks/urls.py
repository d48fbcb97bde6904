from django.urls import path

from payments.webhooks.views import RazorpayWebhookView

urlpatterns = [path("webhooks/razorpay/", RazorpayWebhookView.as_view())]
