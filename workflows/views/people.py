"""Signing in and out, and one's own account."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash, views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from workflows.access import first_workspace_for, person
from workflows.models import User
from workflows.navigation import is_this_machine
from workflows.sign_in import use

BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The list of workflows; Billing for staff who are members of nothing."""
    if workspace := first_workspace_for(request.user):
        return redirect("workflows:workflow-list", slug=workspace.slug)
    if person(request).is_staff:
        return redirect(settings.STAFF_HOME_URL)
    return render(request, "workflows/no_workspace.html")


class SignInForm(AuthenticationForm):
    """The same sentence whether the e-mail is unknown or the password is wrong."""

    error_messages = {  # noqa: RUF012  # Django's own attribute
        "invalid_login": "E-mail and password do not belong together. Check both and try again.",
        "inactive": "E-mail and password do not belong together. Check both and try again.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail"
        self.fields["username"].widget = forms.EmailInput(
            attrs={"autocomplete": "username", "autofocus": True, "maxlength": 254}
        )


sign_in = views.LoginView.as_view(
    template_name="workflows/sign_in.html",
    authentication_form=SignInForm,
    redirect_authenticated_user=True,
)


@never_cache
@require_GET
def sign_in_by_address(request: HttpRequest, token: str) -> HttpResponse:
    """The address that the start printed. Only whoever sits at this machine may use it."""
    if not _is_from_this_machine(request):
        return _no_entry(request, "This address works on the machine that printed it only.")
    user = use(token)
    if user is None and request.user.is_authenticated:
        return redirect("workflows:home")
    if user is None:
        return _no_entry(request, "This address was used already or is too old.")
    login(request, user, backend=BACKEND)
    return redirect("workflows:home")


def _is_from_this_machine(request: HttpRequest) -> bool:
    came_through_a_proxy = (
        "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META
    )
    return is_this_machine(request.META.get("REMOTE_ADDR", "")) and not came_through_a_proxy


def _no_entry(request: HttpRequest, sentence: str) -> HttpResponse:
    context = {
        "form": SignInForm(request),
        "sentence": f"{sentence} The command make sign-in prints a new one.",
    }
    return render(request, "workflows/sign_in.html", context, status=403)


@require_POST
@login_required
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("workflows:sign-in")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """E-mail and password, so that signing in works without the printed address."""
    user = person(request)
    form = AccountForm(user, request.POST or None, initial={"email": user.email})
    if form.is_valid():
        form.save_account()
        update_session_auth_hash(request, user)
        messages.success(request, "Saved. You can sign in with this e-mail and password now.")
        return redirect("workflows:account")
    status = 422 if form.is_bound else 200
    return render(request, "workflows/account.html", {"form": form}, status=status)


class AccountForm(SetPasswordForm):  # type: ignore[type-arg]  # generic in the stubs only
    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    old_password = forms.CharField(
        label="Password now",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="Empty if you have none yet.",
    )
    field_order = ("email", "old_password", "new_password1", "new_password2")

    def clean_old_password(self) -> str:
        """A session that was left open is not enough to take the account over."""
        given = str(self.cleaned_data["old_password"])
        if self.user.has_usable_password() and not self.user.check_password(given):
            raise forms.ValidationError("This is not your password. Type the one you have now.")
        return given

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.exclude(pk=self.user.pk).filter(email=email).exists():
            raise forms.ValidationError("This e-mail cannot be used. Choose another.")
        return email

    def save_account(self) -> None:
        self.user.email = self.cleaned_data["email"]
        self.save()


def name_to_lock(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """One person is one name, however its e-mail is spelled."""
    return str((credentials or request.POST).get("username", "")).strip().lower()


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None) -> HttpResponse:
    context = {
        "form": SignInForm(request),
        "sentence": "Too many wrong passwords. Wait 15 minutes, then try again.",
    }
    return render(request, "workflows/sign_in.html", context, status=429)
