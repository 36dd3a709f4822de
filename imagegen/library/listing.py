"""The assets of a workspace, page by page, by a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict

from imagegen.assets.models import Asset, AssetQuerySet
from imagegen.attempts.models import Part
from imagegen.billing.corrections import corrections_of
from imagegen.billing.models import Charge
from imagegen.billing.shares import costs_per_image
from workflows.models import Workflow, Workspace

IMAGES_PER_PAGE = 48
MOST_WORDS = 8
SORTS = {"": "Newest first", "size": "Largest first"}
ORDERS: dict[str, tuple[str, ...]] = {"": ("id",), "size": ("file_size", "id")}
TRASH_ORDER = ("deleted_at", "id")
SHARED = ("part_id", "charge_type", "amount_micro", "list_micro")
SHOWN = (
    "workspace_id",
    "token",
    "file_name",
    "file_size",
    "width",
    "height",
    "simulated",
    "created_at",
    "deleted_at",
    "purged_at",
    "part__model",
    "part__request",
    "step_run__identifier",
    "step_run__run_number",
    "step_run__run__workflow__name",
)


@dataclass(frozen=True)
class Filters:
    """What is shown, and in which order. An address may hold anything: what is unknown filters
    nothing."""

    search: str
    model: str
    sort: str
    models: Sequence[str]
    """Those that have made an image in the workspace."""

    @classmethod
    def of(cls, asked: QueryDict, workspace: Workspace) -> "Filters":
        models = models_in(workspace)
        search = asked.get("q", "").replace("\0", "").strip()
        model, sort = asked.get("model", ""), asked.get("sort", "")
        return cls(search, model if model in models else "", sort if sort in SORTS else "", models)

    @property
    def sorts(self) -> dict[str, str]:
        return SORTS


@dataclass(frozen=True)
class Shelf:
    assets: list[Asset]
    newer: UUID | None = None
    """What the next newer page comes `after`; None when this is the newest."""
    older: UUID | None = None
    """What the next older page comes `before`."""


@dataclass(frozen=True)
class Card:
    asset: Asset
    cost: str
    """Its share, when one charge is for several; empty when there is no charge."""

    @property
    def prompt(self) -> str:
        return str(self.asset.part.request.get("prompt", ""))


def models_in(workspace: Workspace) -> list[str]:
    parts = Part.objects.filter(workspace=workspace, state=Part.State.SETTLED)
    return list(parts.order_by("model").values_list("model", flat=True).distinct())


def found(workspace: Workspace, filters: Filters) -> AssetQuerySet:
    """Each word is looked for in name, prompt, workflow and model."""
    assets = Asset.objects.live().filter(workspace=workspace)
    if filters.model:
        assets = assets.filter(part__model=filters.model)
    words = filters.search.casefold().split()[:MOST_WORDS]
    names = _names_of_workflows(workspace) if words else {}
    for word in words:
        workflows = [key for key, name in names.items() if word in name]
        models = [model for model in filters.models if word in model.casefold()]
        anywhere = Q(search_text__contains=word)
        if workflows:
            anywhere |= Q(step_run__run__workflow__in=workflows)
        if models:
            anywhere |= Q(part__model__in=models)
        assets = assets.filter(anywhere)
    return assets


def _names_of_workflows(workspace: Workspace) -> dict[UUID, str]:
    """Compared here: SQLite knows only English letters without their case."""
    names = Workflow.objects.filter(workspace=workspace).values_list("pk", "name")
    return {key: name.casefold() for key, name in names}


def shelf(
    assets: AssetQuerySet, order: Sequence[str], before: Asset | None, after: Asset | None
) -> Shelf:
    """The page of those that come before or after an asset. It costs the same wherever it is, and
    skips and repeats nothing."""
    if after and not before:
        shown, more = _next(assets, order, after, up=True)
        shown.reverse()
        newer, older = more, True  # the page that one comes from
    else:
        shown, more = _next(assets, order, before, up=False)
        newer, older = before is not None, more
    if not shown:
        return Shelf([])
    return Shelf(shown, shown[0].pk if newer else None, shown[-1].pk if older else None)


def place(workspace: Workspace, order: Sequence[str], key: str) -> Asset | None:
    """The asset that a page begins at; what is none is as good as nothing."""
    try:
        asset = Asset.objects.filter(workspace=workspace, pk=UUID(key)).only(*order).first()
    except ValueError:
        return None
    return asset if asset and all(getattr(asset, name) is not None for name in order) else None


def _next(
    assets: AssetQuerySet, order: Sequence[str], start: Asset | None, *, up: bool
) -> tuple[list[Asset], bool]:
    """The next page upwards or downwards, and whether there is more beyond it."""
    if start:
        assets = assets.filter(_beyond(order, start, "gt" if up else "lt"))
    fields = [name if up else f"-{name}" for name in order]
    related = assets.select_related("part", "step_run__run__workflow").only(*SHOWN)
    rows = list(related.order_by(*fields)[: IMAGES_PER_PAGE + 1])
    return rows[:IMAGES_PER_PAGE], len(rows) > IMAGES_PER_PAGE


def _beyond(order: Sequence[str], start: Asset, than: str) -> Q:
    """Compared field by field, as rows are sorted."""
    first, *rest = order
    value = getattr(start, first)
    condition = Q(**{f"{first}__{than}": value})
    if rest:
        condition |= Q(**{first: value}) & _beyond(rest, start, than)
    return condition


def cards(assets: Sequence[Asset]) -> list[Card]:
    parts = {asset.part_id for asset in assets}
    siblings = Asset.objects.filter(part__in=parts).order_by("slot").only("part_id")
    charges = Charge.objects.filter(part__in=parts).only(
        "part_id", "charge_type", "amount_micro", "list_micro"
    )
    costs = costs_per_image(list(siblings), list(charges), corrections_of(parts))
    return [Card(asset, costs.get(asset.pk, "")) for asset in assets]
