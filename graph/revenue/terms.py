"""Which plans and agreements there are: those that every home folder has, and its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from graph.errors import BadInput, SourceError
from graph.revenue.agreement import Agreement
from graph.revenue.plan import Plan
from graph.settings import Settings

_SHIPPED = Path(__file__).with_name("terms.yaml")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    plans: list[Plan] = []
    agreements: list[Agreement] = []


@dataclass(frozen=True)
class Terms:
    """Plans and agreements by their names."""

    plans: Mapping[str, Plan]
    agreements: Mapping[str, Agreement]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return those of a home folder.

        Raises
        ------
        SourceError
            Its ``terms.yaml`` cannot be understood.
        """
        shipped = _read(_SHIPPED)
        own = _read(settings.terms_file) if settings.terms_file.is_file() else _File()
        return cls(
            {plan.plan: plan for plan in (*shipped.plans, *own.plans)},
            {one.agreement: one for one in (*shipped.agreements, *own.agreements)},
        )

    def plan(self, name: str) -> Plan:
        """Return the plan of a name.

        Raises
        ------
        BadInput
            There is none.
        """
        if name not in self.plans:
            raise BadInput(f"there is no plan {name!r}: there are {', '.join(sorted(self.plans))}")
        return self.plans[name]

    def agreement(self, name: str) -> Agreement:
        """Return the agreement of a name.

        Raises
        ------
        BadInput
            There is none.
        """
        if name not in self.agreements:
            known = ", ".join(sorted(self.agreements))
            raise BadInput(f"there is no agreement {name!r}: there are {known}")
        return self.agreements[name]


def _read(file: Path) -> _File:
    try:
        return _File.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except yaml.YAMLError as error:
        raise SourceError(f"{file.name} is not YAML") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SourceError(f"{file.name}: {where}: {first['msg']}") from error
