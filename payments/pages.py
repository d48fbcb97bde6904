"""The sandbox's checkout: a page at which a person plays the buyer. Opening it changes nothing; its buttons do."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from e_learning.core.api.errors import ApiError
from payments.gateways.buying import NothingToPay, pay_in_sandbox
from payments.sandbox import offer_in
from payments.serializers import CheckoutAnswerSerializer

_TEMPLATE = "payments/sandbox.html"


class ButtonForm(forms.Form):
    outcome = forms.ChoiceField(choices=[(name, name) for name in ("success", "failure", "authorize")])


@method_decorator(never_cache, name="dispatch")
class SandboxPage(View):
    """One order or subscription, by the signed address that ``sandbox_page_url`` gives."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().dispatch(request, *args, **kwargs)
        except ApiError as refusal:  # the address is not ours, is too old, or a key is set
            raise Http404 from refusal

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return render(request, _TEMPLATE, {"offer": offer_in(token)})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Pay, decline or authorise, and show what checkout would hand the app."""
        offer, pressed = offer_in(token), ButtonForm(request.POST)
        if not pressed.is_valid():
            return render(request, _TEMPLATE, {"offer": offer}, status=400)
        try:
            answer = pay_in_sandbox(paid_id=offer.paid_id, outcome=pressed.cleaned_data["outcome"])
        except NothingToPay as refusal:
            return render(request, _TEMPLATE, {"offer": offer, "refusal": refusal.message}, status=409)
        shown = {
            "offer": offer_in(token),
            "answer": CheckoutAnswerSerializer(answer).data,
            "is_taken": answer.signature,
        }
        return render(request, _TEMPLATE, shown)
