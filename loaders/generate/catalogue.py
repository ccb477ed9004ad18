"""What there is to have and to use: apps, models of devices, packages. All names are made up."""

from dataclasses import dataclass


@dataclass(frozen=True)
class App:
    """An app: ``category`` is what it is for, ``service`` how it uses the network."""

    app_id: str
    name: str
    category: str
    service: str


@dataclass(frozen=True)
class Model:
    """A model of device; ``technology`` is the position of the best one that it can use."""

    maker: str
    name: str
    operating_system: str
    kind: str
    technology: int
    share: float


@dataclass(frozen=True)
class Package:
    """Something that can be subscribed to."""

    package_id: str
    name: str
    kind: str
    price_minor: int
    allowance_bytes: int


CURRENCY = "EUR"
VENUES = ("restaurant", "cinema", "mall", "stadium", "bar", "cafe", "hotel")

_CATEGORIES = (  # category, service, how many apps, relative use
    ("messaging", "messaging", 5, 9.0),
    ("social", "social", 6, 10.0),
    ("video", "video", 6, 8.0),
    ("music", "audio", 4, 4.0),
    ("games", "gaming", 8, 4.0),
    ("news", "web", 6, 4.0),
    ("shopping", "web", 5, 3.0),
    ("travel", "web", 5, 2.0),
    ("food", "web", 4, 2.0),
    ("sports", "web", 4, 2.0),
    ("banking", "web", 3, 2.0),
    ("storage", "file_transfer", 4, 1.0),
)
CATEGORIES = tuple(category for category, *_ in _CATEGORIES)


def _apps() -> list[tuple[App, float]]:
    listed = []
    for category, service, count, use in _CATEGORIES:
        for rank in range(1, count + 1):
            app = App(f"app.{category}{rank}", f"{category.title()} {rank}", category, service)
            listed.append((app, use / rank))
    return sorted(listed, key=lambda entry: -entry[1])  # the most used ones first


APPS = tuple(app for app, _ in _apps())
APP_USE = tuple(use for _, use in _apps())

_MAKERS = (
    ("Arbor", "Leaf OS 9"),
    ("Birch", "Leaf OS 8"),
    ("Cedar", "Stone 17"),
    ("Dune", "Leaf OS 9"),
)
MODELS = (
    *(
        Model(maker, f"{maker} {series}{year}", system, "smartphone", technology, 8.0 - series)
        for maker, system in _MAKERS
        for series, technology in ((1, 3), (3, 3), (5, 2))
        for year in (24, 25)
    ),
    Model("Elm", "Elm Tab 4", "Leaf OS 8", "tablet", 2, 2.0),
    Model("Elm", "Elm Key 1", "Elm 1", "feature phone", 1, 2.0),
    Model("Fir", "Fir Go", "Fir 2", "feature phone", 0, 1.0),
    Model("Fir", "Fir Box", "Fir 2", "modem", 3, 1.0),
)

PLAN_PACKAGES = (  # in the order of subscriber.PLANS
    Package("prepaid", "Prepaid", "contract", 0, 0),
    Package("basic", "Basic", "contract", 999, 5_000_000_000),
    Package("plus", "Plus", "contract", 1_999, 30_000_000_000),
    Package("unlimited", "Unlimited", "contract", 3_499, 1_000_000_000_000),
)
ADD_ONS = (
    Package("data_5gb", "5 GB more", "internet", 500, 5_000_000_000),
    Package("video_pass", "Video pass", "internet", 700, 0),
    Package("roaming", "Roaming", "voice", 600, 0),
    Package("music_pass", "Music pass", "internet", 400, 0),
)
