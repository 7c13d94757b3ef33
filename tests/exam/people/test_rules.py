"""Who may see what: regions by their codes, organisations by name."""

import pytest

from exam.people.rules import Actor, Grant, NotPermitted, Role, region_covers, region_prefix


def actor(*grants: Grant) -> Actor:
    return Actor(1, "某人", grants)


@pytest.mark.parametrize(
    ("code", "prefix"), [("410000", "41"), ("410100", "4101"), ("410105", "410105"), ("411200", "4112"), ("4101ZD", "4101ZD")]
)
def test_a_code_shares_its_leading_part_with_what_lies_inside(code: str, prefix: str) -> None:
    assert region_prefix(code) == prefix


@pytest.mark.parametrize(
    ("outer", "inner", "covers"),
    [
        ("410000", "410105", True),
        ("410000", "410100", True),
        ("410100", "410105", True),
        ("410100", "4101ZD", True),
        ("410105", "410105", True),
        ("410105", "410100", False),
        ("410105", "410102", False),
        ("410105", "410000", False),
        ("410100", "410000", False),
        ("410100", "410200", False),
        ("410100", "420100", False),
    ],
)
def test_a_region_covers_itself_and_what_lies_inside_it(outer: str, inner: str, covers: bool) -> None:
    assert region_covers(outer, inner) is covers


@pytest.mark.parametrize("made_up", ["41010500", "4101050000", "410105 00", "4101"])
def test_a_made_up_code_that_stands_for_more_is_not_covered(made_up: str) -> None:
    """41010500 starts like the district 410105, but as a code of its own it would stand for all of 4101."""
    assert not region_covers("410105", made_up)


def test_an_administrator_oversees_every_region() -> None:
    administrator = actor(Grant(Role.ADMINISTRATOR))
    assert administrator.regions() is None
    administrator.require_region("999999")


def test_a_regulator_without_a_region_oversees_every_region() -> None:
    assert actor(Grant(Role.REGULATOR)).regions() is None
    assert actor(Grant(Role.REGULATOR, region_code="410105"), Grant(Role.REGULATOR)).regions() is None


def test_a_regulator_oversees_the_regions_granted_and_nothing_else() -> None:
    regulator = actor(Grant(Role.REGULATOR, region_code="410105"), Grant(Role.REGULATOR, region_code="410102"))
    assert regulator.regions() == ("410102", "410105")
    regulator.require_region("410102")
    with pytest.raises(NotPermitted):
        regulator.require_region("410103")
    with pytest.raises(NotPermitted):
        regulator.require_region("410100")


@pytest.mark.parametrize("role", [Role.TRAINER, Role.ORGANISATION_MANAGER, Role.STAFF])
def test_other_roles_oversee_no_region_whatever_their_scope(role: Role) -> None:
    assert actor(Grant(role, region_code="410100", organisation_id=3)).regions() == ()


def test_managing_is_not_working_there() -> None:
    grants = (
        Grant(Role.ORGANISATION_MANAGER, organisation_id=3),
        Grant(Role.STAFF, organisation_id=4),
        Grant(Role.ORGANISATION_MANAGER),
    )
    assert actor(*grants).organisations() == {3}


def test_one_of_the_roles_asked_for_is_enough() -> None:
    trainer = actor(Grant(Role.STAFF), Grant(Role.TRAINER))
    trainer.require_role(Role.ADMINISTRATOR, Role.TRAINER)
    with pytest.raises(NotPermitted):
        trainer.require_role(Role.ADMINISTRATOR, Role.REGULATOR)
    assert not actor().has_role(*Role)
