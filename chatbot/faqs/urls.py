from django.urls import path

from chatbot.faqs.views import FaqsView

urlpatterns = [path("faqs/", FaqsView.as_view())]
