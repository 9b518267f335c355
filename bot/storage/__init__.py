"""The stores: SQLAlchemy tables, Alembic migrations, Redis, encryption. Fulfils what the features ask for."""
