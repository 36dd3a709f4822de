"""What a person should know of a model's life before choosing it, in sentences."""

from datetime import date

from imagegen.catalogue.records import Model


def life(model: Model, today: date) -> str:
    """Empty for a model that is there to stay."""
    if model.retires is None:
        return ""
    return f"{_end(model, model.retires, today)} {model.note}".strip()


def _end(model: Model, day: date, today: date) -> str:
    end = f"{day.day} {day:%B %Y}"
    match model.status_on(today):
        case "redirected":
            return f"Retired on {end}: {model.served_by} answers in its place."
        case "retired":
            return f"Retired on {end}: a run may be refused."
    return f"To be retired on {end}."
