"""People, their organisations, and what each may see. Standard library only."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class OrganisationKind(enum.StrEnum):
    UNIVERSITY_CANTEEN = "university_canteen"
    SCHOOL_CANTEEN = "school_canteen"
    KINDERGARTEN_CANTEEN = "kindergarten_canteen"
    HOSPITAL_CANTEEN = "hospital_canteen"
    CARE_HOME_CANTEEN = "care_home_canteen"
    WORKPLACE_CANTEEN = "workplace_canteen"
    CONSTRUCTION_CANTEEN = "construction_canteen"
    FOOD_PRODUCTION = "food_production"
    FOOD_SALES = "food_sales"
    CATERING = "catering"
    PHARMACY = "pharmacy"
    DRUG_WHOLESALE = "drug_wholesale"
    VACCINATION = "vaccination"
    REGULATOR = "regulator"


class JobRole(enum.StrEnum):
    PRINCIPAL = "principal"
    SAFETY_DIRECTOR = "safety_director"
    SAFETY_OFFICER = "safety_officer"
    CANTEEN_MANAGER = "canteen_manager"
    FOOD_HANDLER = "food_handler"
    DRUG_HANDLER = "drug_handler"
    DRUG_REGULATOR = "drug_regulator"
    GSP_INSPECTOR = "gsp_inspector"


class Role(enum.StrEnum):
    """What a person may do in the product; a person can hold several, each with its scope."""

    ADMINISTRATOR = "administrator"
    REGULATOR = "regulator"
    TRAINER = "trainer"
    ORGANISATION_MANAGER = "organisation_manager"
    STAFF = "staff"


class Channel(enum.StrEnum):
    TELEGRAM = "telegram"
    WEBCHAT = "webchat"


class NotPermitted(PermissionError):
    """The actor's roles and scopes do not cover what was asked."""


@dataclass(frozen=True)
class Grant:
    """One role with its scope: a region (regulators) or an organisation (managers, staff); neither means everywhere."""

    role: Role
    region_code: str | None = None
    organisation_id: int | None = None


@dataclass(frozen=True)
class Actor:
    """Whoever asks a service for something."""

    person_id: int
    name: str
    grants: tuple[Grant, ...]

    def has_role(self, *roles: Role) -> bool:
        return any(grant.role in roles for grant in self.grants)

    def require_role(self, *roles: Role) -> None:
        """Raise NotPermitted unless the actor holds one of these roles, in whatever scope."""
        if not self.has_role(*roles):
            raise NotPermitted(f"needs one of {', '.join(roles)}")

    def regions(self) -> tuple[str, ...] | None:
        """Codes of the regions the actor oversees; None means every region, an empty tuple none."""
        if self.has_role(Role.ADMINISTRATOR):
            return None
        grants = [grant for grant in self.grants if grant.role is Role.REGULATOR]
        if any(grant.region_code is None for grant in grants):
            return None
        return tuple(sorted({grant.region_code for grant in grants if grant.region_code}))

    def organisations(self) -> frozenset[int]:
        """Organisations the actor manages."""
        return frozenset(
            g.organisation_id for g in self.grants if g.role is Role.ORGANISATION_MANAGER and g.organisation_id is not None
        )

    def oversees_region(self, code: str) -> bool:
        """Whether everything in the region lies inside the actor's scope."""
        regions = self.regions()
        return regions is None or any(region_covers(own, code) for own in regions)

    def require_region(self, code: str) -> None:
        if not self.oversees_region(code):
            raise NotPermitted(f"region {code} is outside the scope")


def region_prefix(code: str) -> str:
    """The leading part of a GB/T 2260 code that its subordinates share: 410000 gives 41, 410100 gives 4101."""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def region_covers(outer: str, inner: str) -> bool:
    """Whether region `inner` is `outer` or lies inside it: 410100 covers 410105, not the other way round.

    Compares what the two codes stand for, so that a made-up code such as 41010500 (prefix 4101) is not taken for a part of
    410105.
    """
    return region_prefix(inner).startswith(region_prefix(outer))


def covering_prefixes(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(region_prefix(code) for code in codes)
