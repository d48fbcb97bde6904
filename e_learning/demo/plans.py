"""The plans of the demo school. Prices are in rupees, GST inside."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One plan; `daily_lessons` None is no limit."""

    slug: str
    tier: Literal["free", "premium", "pro"]
    name: str
    description: str
    features: tuple[str, ...]
    price: Decimal = Decimal(0)
    period: Literal["monthly", "yearly"] = "monthly"
    daily_lessons: int | None = None
    offline_downloads: bool = False
    advanced_features: bool = False
    covers_all_courses: bool = False


PLANS = (
    Plan(
        slug="free",
        tier="free",
        name="Free",
        description="For a first look, and for every day.",
        features=("Every free course", "Five lessons a day"),
        daily_lessons=5,
    ),
    Plan(
        slug="premium",
        tier="premium",
        name="Premium",
        description="All courses, month by month. Stop whenever you like.",
        features=("Every course", "As many lessons as you like", "Downloads for the road"),
        price=Decimal("299.00"),
        offline_downloads=True,
        covers_all_courses=True,
    ),
    Plan(
        slug="pro",
        tier="pro",
        name="Pro",
        description="All courses, and what is new first, for a whole year.",
        features=("Every course", "As many lessons as you like", "Downloads for the road", "Cheaper by the year"),
        price=Decimal("2499.00"),
        period="yearly",
        offline_downloads=True,
        advanced_features=True,
        covers_all_courses=True,
    ),
)
