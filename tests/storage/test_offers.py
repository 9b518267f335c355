"""The store of offers keeps every word, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from bot.offers.model import Location, Offer, Organization, Status
from bot.offers.sheets import Change, ImportPlan, SheetError
from bot.storage.demo import load_demo
from bot.storage.engine import create_engine, migrate
from bot.storage.offers import Row, SqlOfferStore
from tests.offers.given import DATA, offers

PLAIN = Offer(id="a", organization=Organization("o", "Haus (Demo)"), name={"de": "A"}, description={})


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/new/offers.db"
    else:
        url = request.getfixturevalue("postgres_url")
    engine = create_engine(url)
    migrate(engine, "offers")
    yield engine
    if request.param == "postgresql":
        Row.metadata.drop_all(engine)
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE alembic_version_offers"))
    engine.dispose()


def test_the_migrations_make_the_tables_of_the_code(engine: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    migrate(engine, "offers")  # a second time changes nothing
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "alembic_version_offers"})
        assert compare_metadata(context, Row.metadata) == []
    assert {"organization", "service", "location", "service_at_location", "phone"} <= set(
        inspect(engine).get_table_names()
    )


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(offer=offers())
def test_what_is_stored_is_loaded(engine: Engine, offer: Offer) -> None:
    store = SqlOfferStore(engine)
    held = store.load()
    plan = ImportPlan(changed=(Change(held[0], offer),)) if held else ImportPlan(added=(offer,))
    store.apply(plan)
    assert store.load() == [offer]


def test_closing_keeps_the_offer_and_counts_as_a_change(engine: Engine) -> None:
    store = SqlOfferStore(engine)
    assert store.version() == 0
    store.apply(ImportPlan(added=(PLAIN, replace(PLAIN, id="b"))))
    before = store.version()
    store.apply(ImportPlan(closed=(PLAIN,)))
    assert [(offer.id, offer.status) for offer in store.load()] == [("a", Status.CLOSED), ("b", Status.OPEN)]
    assert store.version() > before


def test_nothing_to_do_is_no_change(engine: Engine) -> None:
    store = SqlOfferStore(engine)
    store.apply(ImportPlan())
    assert store.version() == 0


def test_a_plan_with_errors_is_never_applied(engine: Engine) -> None:
    store = SqlOfferStore(engine)
    with pytest.raises(ValueError, match="errors"):
        store.apply(ImportPlan(added=(PLAIN,), errors=(SheetError(2, "id", "missing"),)))
    assert store.load() == []


def test_a_plan_is_applied_whole_or_not_at_all(engine: Engine) -> None:
    store = SqlOfferStore(engine)
    with pytest.raises(IntegrityError):
        store.apply(ImportPlan(added=(PLAIN, replace(PLAIN, name={"de": None}, id="b"))))  # type: ignore[dict-item]
    assert store.load() == []


def test_a_confidential_address_reaches_no_table(engine: Engine) -> None:
    secret = Location("biebrich", "Geheimweg 7", 50.05, 8.24, confidential=True)
    store = SqlOfferStore(engine)
    store.apply(ImportPlan(added=(replace(PLAIN, place=secret),)))
    assert store.load()[0].place == Location(confidential=True)
    with engine.begin() as connection:
        for table in Row.metadata.sorted_tables:
            assert "Geheimweg" not in repr(connection.execute(table.select()).all())
        with pytest.raises(IntegrityError):
            connection.execute(text("UPDATE location SET address_1 = 'Geheimweg 7'"))


def test_the_demo_fills_an_empty_database_once(engine: Engine) -> None:
    store = SqlOfferStore(engine)
    load_demo(store, only_if_empty=True, data=DATA)
    assert len(store.load()) >= 64
    version = store.version()
    load_demo(store, only_if_empty=True, data=DATA)
    load_demo(store, only_if_empty=False, data=DATA)
    assert store.version() == version


def test_sqlite_overwrites_what_is_deleted_and_waits_for_a_lock(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/offers.db")
    with engine.connect() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "secure_delete", "synchronous")
        }
    engine.dispose()
    assert pragmas == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "secure_delete": 1,
        "synchronous": 1,
    }
