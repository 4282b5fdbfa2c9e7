"""All rows of a database out into an archive, and back into an empty one. Each function works inside its caller's transaction: what goes
out is one state of the database, whoever writes meanwhile; what comes in is all there, or nothing is."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

from fourhands.errors import InvalidRequest
from fourhands.store.sql import archive, schema, tables
from fourhands.store.sql.archive import Archive, ArchiveWriter, Sum, Sums

AT_ONCE = 64  # rows: one may have a megabyte


def dump(connection: Connection, out: ArchiveWriter) -> None:
    """Write all rows of all tables."""
    for table in tables.metadata.sorted_tables:
        columns = [column.name for column in table.columns]
        out.table(table.name, columns)
        for rows in _batches(connection, table, columns):
            out.rows(rows)


def sums(connection: Connection) -> Sums:
    """What `dump` would write, as sums."""
    return {table.name: _sum(connection, table, [column.name for column in table.columns]) for table in tables.metadata.sorted_tables}


def _sum(connection: Connection, table: Table, columns: Sequence[str]) -> tuple[int, str]:
    one = Sum()
    for rows in _batches(connection, table, columns):
        one.add(rows)
    return one.told


def fill(connection: Connection, source: Archive) -> None:
    """Bring an empty database to the schema of that backup, write its rows, look whether they are the same, and bring it to the newest schema.

    Raises `InvalidRequest` if it is not empty, or the backup is not for it, and `Unavailable`.
    """
    require_empty(connection)
    if schema.revision(connection) not in {None, source.header.schema}:
        raise InvalidRequest("The database has tables of another version: make an empty one for this backup.")
    schema.upgrade(connection, source.header.schema)
    there = MetaData()
    there.reflect(connection)
    filled: dict[str, Sequence[str]] = {}
    told: Sums = {}
    for part in source.parts():
        match part:
            case archive.Table(name, columns):
                if name not in there.tables:
                    raise InvalidRequest(f"{source.path} is not of schema {source.header.schema}: that has no table {name}.")
                filled[name] = columns  # in the backup's order, whatever the table's own
            case archive.Rows(rows):
                name = next(reversed(filled))
                _put(connection, there.tables[name], filled[name], rows)
            case archive.End(told):
                pass
    found = {name: _sum(connection, there.tables[name], columns) for name, columns in filled.items()}
    if wrong := archive.differences(told, found):
        raise InvalidRequest("What was written is not what the backup holds. Nothing was kept. " + " ".join(wrong))
    _go_on_counting(connection)
    schema.upgrade(connection)


def require_empty(connection: Connection) -> None:
    """Raises `InvalidRequest` if there is anything in it."""
    if schema.revision(connection) is None:
        return
    there = MetaData()
    there.reflect(connection)
    for name, table in there.tables.items():
        if name != "alembic_version" and connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise InvalidRequest(f"The database is not empty (table {name} has rows): nothing is overwritten. Name another one in DATABASE_URL.")


def _put(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[archive.Row]) -> None:
    """Raises `InvalidRequest` for a log that this database does not fold."""
    if table.name == tables.log.name and connection.dialect.name != "sqlite":
        raise InvalidRequest("This backup of SQLite was made while its server ran: restore it to SQLite, and bring that over with fourhands db copy.")
    connection.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in rows])


def _go_on_counting(connection: Connection) -> None:
    """PostgreSQL does not see which ids were given."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT setval(pg_get_serial_sequence('audit', 'id'), max(id)) FROM audit HAVING max(id) IS NOT NULL"))


def _batches(connection: Connection, table: Table, columns: Sequence[str]) -> Iterator[Sequence[archive.Row]]:
    """All rows in the order of their key, as tuples of plain values."""
    ordered = select(*[table.c[name] for name in columns]).order_by(*table.primary_key.columns)
    if connection.dialect.name == "sqlite":  # its rows come as they are asked for
        for rows in connection.execute(ordered).partitions(AT_ONCE):
            yield [tuple(row) for row in rows]
        return
    cursor = f"all_{table.name}"  # closed behind the last row: the driver's own stays open until the transaction ends, and nothing could be altered
    connection.exec_driver_sql(f"DECLARE {cursor} NO SCROLL CURSOR FOR {ordered.compile(dialect=connection.dialect)}")
    while rows := connection.exec_driver_sql(f"FETCH FORWARD {AT_ONCE} FROM {cursor}").all():
        yield [tuple(row) for row in rows]
    connection.exec_driver_sql(f"CLOSE {cursor}")
