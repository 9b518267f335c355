"""The tables of offers, shaped after Open Referral HSDS 3.1, and the store that reads and writes them.

Names of HSDS are kept (organization, service, location, service_at_location, phone, schedule, language,
service_area, cost_option, attribute); what HSDS lacks is our profile, listed in docs/offers.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

from sqlalchemy import CheckConstraint, Engine, ForeignKey, delete, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload

from bot.offers.model import (
    Crisis,
    Family,
    Gender,
    Location,
    Mode,
    Need,
    Offer,
    Organization,
    Person,
    Phone,
    Speaker,
    Status,
    Text,
)
from bot.offers.sheets import ImportPlan


class Row(DeclarativeBase):
    """All tables of offers."""


class OrganizationRow(Row):
    """HSDS organization."""

    __tablename__ = "organization"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class LocationRow(Row):
    """HSDS location with its address; profile: district, confidential.

    A confidential place has no address here: what is not kept cannot leak.
    """

    __tablename__ = "location"
    __table_args__ = (
        CheckConstraint(
            "NOT confidential OR (address_1 IS NULL AND latitude IS NULL AND longitude IS NULL"
            " AND district IS NULL)",
            name="confidential_without_address",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    address_1: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    district: Mapped[str | None]
    confidential: Mapped[bool] = mapped_column(default=False)


class ServiceAtLocationRow(Row):
    """HSDS service_at_location; one place a service for now."""

    __tablename__ = "service_at_location"

    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    location_id: Mapped[str] = mapped_column(ForeignKey("location.id"), primary_key=True)
    location: Mapped[LocationRow] = relationship()


class PhoneRow(Row):
    """HSDS phone; `description` is the label."""

    __tablename__ = "phone"

    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    description: Mapped[str] = mapped_column(default="")


class ScheduleRow(Row):
    """HSDS schedule; profile: the whole week in OpenStreetMap's opening_hours syntax."""

    __tablename__ = "schedule"

    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    opening_hours: Mapped[str]


class LanguageRow(Row):
    """HSDS language; profile: own speaker or interpreter."""

    __tablename__ = "language"

    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    speaker: Mapped[str]
    position: Mapped[int]


class ServiceAreaRow(Row):
    """HSDS service_area: an area or district that is served. No row: everywhere."""

    __tablename__ = "service_area"

    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)


class CostOptionRow(Row):
    """HSDS cost_option: "free", or "described" by translations of `cost`."""

    __tablename__ = "cost_option"

    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    option: Mapped[str]


class AttributeRow(Row):
    """HSDS attribute: one term of a closed vocabulary (`kind`) that holds for the service."""

    __tablename__ = "attribute"

    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


class TranslationRow(Row):
    """Profile: a text of the service in one language."""

    __tablename__ = "translation"

    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]


class ServiceRow(Row):
    """HSDS service with the ages of its eligibility; profile: booking, waiting, verification, flags."""

    __tablename__ = "service"

    id: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"), index=True)
    status: Mapped[str]
    minimum_age: Mapped[int | None]
    maximum_age: Mapped[int | None]
    url: Mapped[str | None]
    email: Mapped[str | None]
    booking_url: Mapped[str | None]
    waiting_weeks: Mapped[int | None]
    verified_on: Mapped[date | None]
    verified_by: Mapped[str | None]
    source: Mapped[str | None]
    any_language: Mapped[bool]
    first_contact: Mapped[bool]
    online: Mapped[bool]
    demo: Mapped[bool]

    organization: Mapped[OrganizationRow] = relationship()
    at_locations: Mapped[list[ServiceAtLocationRow]] = relationship(passive_deletes=True)
    phones: Mapped[list[PhoneRow]] = relationship(order_by=PhoneRow.position, passive_deletes=True)
    schedules: Mapped[list[ScheduleRow]] = relationship(passive_deletes=True)
    languages: Mapped[list[LanguageRow]] = relationship(order_by=LanguageRow.position, passive_deletes=True)
    areas: Mapped[list[ServiceAreaRow]] = relationship(passive_deletes=True)
    costs: Mapped[list[CostOptionRow]] = relationship(passive_deletes=True)
    attributes: Mapped[list[AttributeRow]] = relationship(
        order_by=AttributeRow.position, passive_deletes=True
    )
    translations: Mapped[list[TranslationRow]] = relationship(
        order_by=TranslationRow.language, passive_deletes=True
    )


class VersionRow(Row):
    """One row that counts the changes of offers, so that a running bot knows when to read them again."""

    __tablename__ = "offer_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


_PARTS = ("at_locations", "phones", "schedules", "languages", "areas", "costs", "attributes", "translations")


class SqlOfferStore:
    """The offers in a SQL database that `migrate(engine, "offers")` has prepared."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self) -> list[Offer]:
        """All offers, closed ones too, by id."""
        with Session(self._engine) as session:
            rows = session.scalars(
                select(ServiceRow)
                .order_by(ServiceRow.id)
                .options(
                    selectinload(ServiceRow.organization),
                    selectinload(ServiceRow.at_locations).selectinload(ServiceAtLocationRow.location),
                    *(selectinload(getattr(ServiceRow, part)) for part in _PARTS[1:]),
                )
            )
            return [_offer(row) for row in rows]

    def apply(self, plan: ImportPlan) -> None:
        """Adds, changes and closes as planned, all or nothing. Raises ValueError for a plan with errors."""
        if plan.errors:
            raise ValueError("a plan with errors is never applied")
        written = [*plan.added, *(change.after for change in plan.changed)]
        with Session(self._engine) as session, session.begin():
            if not written and not plan.closed:
                return
            self._write(session, written)
            ids = [offer.id for offer in plan.closed]
            session.execute(
                update(ServiceRow).where(ServiceRow.id.in_(ids)).values(status=Status.CLOSED.value)
            )
            touch(session)

    def version(self) -> int:
        """A number that grows with every change of offers; one row to read."""
        with Session(self._engine) as session:
            return session.scalar(select(VersionRow.number)) or 0

    def _write(self, session: Session, offers: Iterable[Offer]) -> None:
        offers = list(offers)
        organizations = {offer.organization.id: offer.organization for offer in offers}
        for organization in organizations.values():
            session.merge(OrganizationRow(id=organization.id, name=organization.name))
        ids = [offer.id for offer in offers]
        session.execute(delete(ServiceRow).where(ServiceRow.id.in_(ids)))
        session.execute(delete(LocationRow).where(LocationRow.id.in_(ids)))
        session.flush()
        session.expire_all()
        session.add_all([_row(offer) for offer in offers])


def touch(session: Session) -> None:
    """Counts a change of offers; whoever writes to these tables calls it in the same transaction."""
    changed = session.execute(update(VersionRow).values(number=VersionRow.number + 1))
    if not changed.rowcount:  # type: ignore[attr-defined]
        session.add(VersionRow(id=1, number=1))


_TEXTS = ("name", "description", "not_for", "booking_how", "hours_text")


def _row(offer: Offer) -> ServiceRow:
    attributes: dict[str, Iterable[str]] = {
        "need": offer.needs,
        "need_also": offer.also,
        "gender": sorted(offer.genders),
        "family": sorted(offer.families),
        "for_whom": sorted(offer.for_whom),
        "not_for": sorted(offer.not_for_needs),
        "residence": sorted(offer.residence),
        "mode": offer.modes,
        "crisis": sorted(offer.crisis),
    }
    texts: dict[str, Text] = {field: getattr(offer, field) for field in _TEXTS}
    if isinstance(offer.cost, Mapping):
        texts["cost"] = offer.cost
    place = offer.place
    return ServiceRow(
        id=offer.id,
        organization_id=offer.organization.id,
        status=offer.status.value,
        minimum_age=offer.min_age,
        maximum_age=offer.max_age,
        url=offer.website,
        email=offer.email,
        booking_url=offer.booking_url,
        waiting_weeks=offer.waiting_weeks,
        verified_on=offer.verified_on,
        verified_by=offer.verified_by,
        source=offer.source,
        any_language=offer.any_language,
        first_contact=offer.first_contact,
        online=offer.online,
        demo=offer.demo,
        at_locations=[]
        if place is None
        else [
            ServiceAtLocationRow(
                location=LocationRow(
                    id=offer.id,
                    address_1=None if place.confidential else place.address,
                    latitude=None if place.confidential else place.latitude,
                    longitude=None if place.confidential else place.longitude,
                    district=None if place.confidential else place.district,
                    confidential=place.confidential,
                )
            )
        ],
        phones=[
            PhoneRow(position=at, number=phone.number, description=phone.label)
            for at, phone in enumerate(offer.phones)
        ],
        schedules=[ScheduleRow(opening_hours=offer.opening_hours)] if offer.opening_hours else [],
        languages=[
            LanguageRow(position=at, code=code, speaker=speaker.value)
            for at, (code, speaker) in enumerate(offer.languages)
        ],
        areas=[ServiceAreaRow(name=area) for area in sorted(offer.areas)],
        costs=[]
        if offer.cost is None
        else [CostOptionRow(option="free" if offer.cost == "free" else "described")],
        attributes=[
            AttributeRow(kind=kind, value=str(value), position=at)
            for kind, values in attributes.items()
            for at, value in enumerate(values)
        ],
        translations=[
            TranslationRow(field=field, language=language, text=words)
            for field, text in texts.items()
            for language, words in text.items()
        ],
    )


def _offer(row: ServiceRow) -> Offer:
    values: dict[str, list[str]] = defaultdict(list)
    for attribute in row.attributes:
        values[attribute.kind].append(attribute.value)
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for translation in row.translations:
        texts[translation.field][translation.language] = translation.text
    cost: Literal["free"] | Text | None = None
    if row.costs:
        cost = "free" if row.costs[0].option == "free" else texts["cost"]
    return Offer(
        id=row.id,
        organization=Organization(row.organization.id, row.organization.name),
        name=texts["name"],
        description=texts["description"],
        needs=tuple(map(Need, values["need"])),
        also=tuple(map(Need, values["need_also"])),
        min_age=row.minimum_age,
        max_age=row.maximum_age,
        genders=frozenset(map(Gender, values["gender"])),
        families=frozenset(map(Family, values["family"])),
        for_whom=frozenset(map(Person, values["for_whom"])),
        not_for=texts["not_for"],
        not_for_needs=frozenset(map(Need, values["not_for"])),
        residence=frozenset(values["residence"]),
        languages=tuple((language.code, Speaker(language.speaker)) for language in row.languages),
        any_language=row.any_language,
        modes=tuple(map(Mode, values["mode"])),
        areas=frozenset(area.name for area in row.areas),
        place=_location(row.at_locations[0].location) if row.at_locations else None,
        phones=tuple(Phone(phone.number, phone.description) for phone in row.phones),
        email=row.email,
        website=row.url,
        booking_url=row.booking_url,
        booking_how=texts["booking_how"],
        opening_hours=row.schedules[0].opening_hours if row.schedules else None,
        hours_text=texts["hours_text"],
        cost=cost,
        waiting_weeks=row.waiting_weeks,
        verified_on=row.verified_on,
        verified_by=row.verified_by,
        source=row.source,
        demo=row.demo,
        first_contact=row.first_contact,
        online=row.online,
        crisis=frozenset(map(Crisis, values["crisis"])),
        status=Status(row.status),
    )


def _location(row: LocationRow) -> Location:
    if row.confidential:
        return Location(confidential=True)
    return Location(row.district, row.address_1, row.latitude, row.longitude)
