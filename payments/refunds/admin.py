"""Refunds in the back office: where staff decide them, and make them."""

from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action

from e_learning.core.api.errors import ApiError
from e_learning.core.back_office import NO_PLAIN_SAVING, ButtonsOfRows, done_one_by_one
from e_learning.core.money import from_paise, to_paise
from payments.refunds.models import RefundRequest
from payments.refunds.services import approve_refund, may_decide_refunds, refund_payment, reject_refund, retry_refund

_Status = RefundRequest.Status
#: In these somebody has something to decide.
_WAITING = (_Status.REQUESTED, _Status.FAILED)


class StaffRefundForm(forms.ModelForm):
    """A refund that staff make: whatever the payment's age, as much as is left of it."""

    amount = forms.DecimalField(
        label=_("amount"),
        required=False,
        min_value=Decimal("0.01"),
        max_digits=10,
        decimal_places=2,
        help_text=_("In rupees; left empty, all that is left of the payment."),
    )

    class Meta:
        model = RefundRequest
        fields = ["payment", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True


@admin.register(RefundRequest)
class RefundAdmin(ButtonsOfRows, ModelAdmin):
    """Requested ones are decided on their page, with a note that the learner reads. Nothing is changed by hand."""

    list_display = ["id", "payment", "user", "amount", "status", "origin", "requested_at", "processed_at", "last_error"]
    list_filter = ["status", "origin"]
    list_select_related = ["payment__user"]
    search_fields = ["payment__receipt", "payment__user__email", "razorpay_refund_id", "attempt__razorpay_payment_id"]
    date_hierarchy = "requested_at"
    autocomplete_fields = ["payment"]
    fields = [
        "payment",
        "attempt",
        "user",
        "amount",
        "status",
        "origin",
        "reason",
        "admin_notes",
        "razorpay_refund_id",
        "requested_at",
        "decided_by",
        "decided_at",
        "processed_at",
        "attempts",
        "last_error",
    ]
    readonly_fields = [field for field in fields if field != "admin_notes"]
    actions = ["approve_chosen", "reject_chosen"]
    actions_submit_line = ["approve", "reject", "send_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RefundRequest]:
        rows: QuerySet[RefundRequest] = super().get_queryset(request)
        return rows.select_related("payment__user", "attempt", "decided_by")

    @admin.display(description=_("user"), ordering="payment__user__email")
    def user(self, refund: RefundRequest) -> str:
        return refund.payment.user.email

    @admin.display(description=_("amount"), ordering="amount_paise")
    def amount(self, refund: RefundRequest) -> str:
        return f"{from_paise(refund.amount_paise)} {refund.payment.currency}"

    # --- who may do what ----------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_decide_refunds(request.user) or super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_decide_refunds(request.user)

    def has_change_permission(self, request: HttpRequest, obj: RefundRequest | None = None) -> bool:
        return may_decide_refunds(request.user) and (obj is None or obj.status in _WAITING)

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return may_decide_refunds(request.user) and _is(object_id, _Status.REQUESTED)

    def has_retry_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return may_decide_refunds(request.user) and _is(object_id, _Status.FAILED)

    # --- the two pages ------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **(kwargs if change else {**kwargs, "form": StaffRefundForm}))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ["payment", "amount", "reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else []

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """Show what a service refuses as a message on the same page: somebody else may have decided meanwhile."""
        context = {**(extra_context or {}), **(NO_PLAIN_SAVING if object_id else {})}
        try:
            page: HttpResponseBase = super().changeform_view(request, object_id, form_url, context)
            return page
        except ApiError as refusal:
            self.message_user(request, str(refusal.message), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: RefundRequest, form: Any, change: bool) -> None:
        """Give the work to the service that the pressed button names. The row itself is written by services only."""
        if not change:
            self._make(request, obj, form.cleaned_data)
            return
        for pressed in self.get_actions_submit_line(request, obj.pk):
            if pressed.action_name in request.POST:
                pressed.method(request, obj)
        obj.refresh_from_db()  # the page tells what became of it

    def _make(self, request: HttpRequest, obj: RefundRequest, given: dict[str, Any]) -> None:
        staff: Any = request.user
        amount = None if given["amount"] is None else to_paise(given["amount"])
        made = refund_payment(
            payment_id=given["payment"].pk,
            staff=staff,
            amount_paise=amount,
            reason=given["reason"],
            at=timezone.now(),
        )
        obj.__dict__.update(made.__dict__)

    # --- of several at once: without a note ---------------------------------------------------------

    @admin.action(description=_("Approve selected refunds"), permissions=["decide"])
    def approve_chosen(self, request: HttpRequest, queryset: QuerySet[RefundRequest]) -> None:
        self._decide_each(approve_refund, request, queryset)

    @admin.action(description=_("Reject selected refunds"), permissions=["decide"])
    def reject_chosen(self, request: HttpRequest, queryset: QuerySet[RefundRequest]) -> None:
        self._decide_each(reject_refund, request, queryset)

    def _decide_each(self, service: Any, request: HttpRequest, queryset: QuerySet[RefundRequest]) -> None:
        works = [(refund.pk, partial(self._decide, service, request, refund)) for refund in queryset.order_by("pk")]
        decided = done_one_by_one(self, request, works)
        if decided:
            told = ngettext("%d refund decided.", "%d refunds decided.", decided) % decided
            self.message_user(request, told, messages.SUCCESS)

    # --- the buttons --------------------------------------------------------------------------------

    @action(description=_("Approve"), permissions=["decide"])
    def approve(self, request: HttpRequest, obj: RefundRequest) -> None:
        self._decide(approve_refund, request, obj)

    @action(description=_("Reject"), permissions=["decide"])
    def reject(self, request: HttpRequest, obj: RefundRequest) -> None:
        self._decide(reject_refund, request, obj)

    @action(description=_("Send again"), permissions=["retry"])
    def send_again(self, request: HttpRequest, obj: RefundRequest) -> None:
        self._decide(retry_refund, request, obj)

    def _decide(self, service: Any, request: HttpRequest, obj: RefundRequest) -> None:
        service(refund_id=obj.pk, staff=request.user, notes=obj.admin_notes, at=timezone.now())


def _is(object_id: Any, status: RefundRequest.Status) -> bool:
    """Say whether that refund is in this state; without an id, that one could be."""
    return object_id is None or RefundRequest.objects.filter(pk=object_id, status=status).exists()
