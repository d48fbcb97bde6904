"""The two pages that mail links to.

Opening one changes nothing: mail scanners open links. The button does, by the same service as the API.
"""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView
from rest_framework.exceptions import ValidationError

from accounts.signin.refresh_tokens import LONGEST_TOKEN
from accounts.signin.serializers import LONGEST_PASSWORD
from accounts.signin.services import reset_password, verify_email
from e_learning.core.api.errors import ApiError, render_error
from e_learning.core.client_address import client_address


class TokenForm(forms.Form):
    token = forms.CharField(max_length=LONGEST_TOKEN, widget=forms.HiddenInput)


class NewPasswordForm(TokenForm):
    new_password = forms.CharField(
        label=_("New password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


@method_decorator(never_cache, name="dispatch")
class MailedTokenPage(FormView):
    """A form around the token of the link; subclasses say what its button does and what is said then."""

    template_name = "accounts/pages/form.html"
    title: Any
    button: Any
    done: Any

    def get_initial(self) -> dict[str, Any]:
        return {"token": self.request.GET.get("token", "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=self.title, button=self.button, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            self.carry_out(form.cleaned_data)
        except (ApiError, ValidationError) as error:
            return self._refused(form, error)
        return render(self.request, "accounts/pages/done.html", {"title": self.title, "message": self.done})

    def _refused(self, form: forms.Form, error: Exception) -> HttpResponse:
        rendered = render_error(error)
        for entry in rendered.body["errors"] if rendered else []:
            form.add_error(None, entry["detail"])
        return self.form_invalid(form)

    def carry_out(self, given: dict[str, Any]) -> None:
        """Do what the button says; refusals are shown above the form."""
        raise NotImplementedError


class VerifyEmailPage(MailedTokenPage):
    form_class = TokenForm
    title = _("Confirm your e-mail address")
    button = _("Confirm")
    done = _("Your e-mail address is confirmed.")

    def carry_out(self, given: dict[str, Any]) -> None:
        verify_email(token=given["token"])


class ResetPasswordPage(MailedTokenPage):
    form_class = NewPasswordForm
    title = _("Set a new password")
    button = _("Set password")
    done = _("Your password is changed. Sign in with it in the app.")

    def carry_out(self, given: dict[str, Any]) -> None:
        address = client_address(self.request)
        reset_password(token=given["token"], new_password=given["new_password"], address=address)
