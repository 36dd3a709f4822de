"""The raw rows of the database, for staff: Django's admin behind our own sign-in.

Nothing is ever added or deleted here, and what is shown is an allow-list: no key, no token, no
prompt. Lists are read in the order of the primary key, which is that of time, and never further
back than an index serves quickly.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache

from workflows.access import staff_only

MOST_ROWS = 10_000
NOTHING = Q(pk__in=[])


class RawRows(AdminSite):
    site_header = site_title = "Fetch Hive · raw rows"
    index_title = "Raw rows"
    final_catch_all_view = False
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """What libraries would show of their own tables stays away."""
        if admin_class and issubclass(admin_class, Rows):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Who is signed out goes to our own sign-in; who is not of staff reads why."""

        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            staff_only(request.user)
            response: HttpResponse = view(request, *args, **kwargs)
            return response

        return never_cache(login_required(answer))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Without its own sign-in, sign-out and passwords: there are ours."""
        wanted = ("index", "jsi18n", "app_list")
        return [
            entry
            for entry in super().get_urls()
            if isinstance(entry, URLResolver) or entry.name in wanted
        ]


class NewestRows(Paginator):  # type: ignore[type-arg]  # generic in the stubs only
    """Counting a million rows takes longer than reading a page of them."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.values("pk")[:MOST_ROWS].count())


class NewestFirst(ChangeList):
    """An address asks in vain for another order: only the primary key has an index everywhere."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return ["-pk"]


class Rows(ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """To read only. `fields` is all that is ever shown; `search_fields` are keys: the row's own and
    those of what it belongs to."""

    actions = None
    list_per_page = 50
    list_max_show_all = 0
    ordering = ("-pk",)
    paginator = NewestRows
    search_fields: ClassVar[Any] = ("pk",)
    search_help_text = f"An id. The newest {MOST_ROWS:,} rows are listed; any is found by its id."
    show_full_result_count = False
    sortable_by = ()
    pages: ClassVar[Any] = ("changelist", "change")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return NewestFirst

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """No filters by address: with them a hidden column could be guessed letter by letter."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).only(*self._columns())

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term:
            return queryset, False
        return queryset.filter(self.found_by(search_term.strip())), False

    def found_by(self, term: str) -> Q:
        """By the first column that has the key, so that each is looked up in its own index."""
        try:
            asked = [Q(**{name: UUID(term)}) for name in self.search_fields]
        except ValueError:
            return NOTHING
        rows = self.model._default_manager
        return next((each for each in asked if rows.filter(each).exists()), NOTHING)

    def get_urls(self) -> list[URLPattern]:
        endings = tuple(f"_{page}" for page in self.pages)
        return [each for each in super().get_urls() if each.name and each.name.endswith(endings)]

    def _columns(self) -> list[str]:
        """Of the table: long texts that nobody sees are not even read."""
        names = {field.name for field in self.opts.concrete_fields}
        return [name for name in (self.opts.pk.name, *(self.fields or ())) if name in names]
