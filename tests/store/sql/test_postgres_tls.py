"""PostgreSQL over TLS, with an authority of one's own: what a right URL gives, and what is said of a wrong one."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from fourhands.errors import InvalidRequest, Unavailable
from fourhands.store.sql.postgres import PostgresDatabase
from tests import postgres_server
from tests.cluster.tls import make_certificate
from tests.postgres_server import MISSING, PostgresServer

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


def encrypted(connection: Connection) -> bool:
    return connection.execute(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).scalar_one()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One that takes nobody without TLS."""
    with postgres_server.running({"listen_addresses": "127.0.0.1,127.0.0.2"}) as made:
        certificate, key = make_certificate(tmp_path_factory.mktemp("tls"))
        owner = made.data.stat()
        for source, name in ((certificate, "server.crt"), (key, "server.key")):
            kept = Path(shutil.copy(source, made.data / name))
            kept.chmod(0o600)
            os.chown(kept, owner.st_uid, owner.st_gid)
        shutil.copy(certificate, made.folder / "ca.pem")
        made.sql("ALTER SYSTEM SET ssl = on")
        hosts = made.data / "pg_hba.conf"
        hosts.write_text(hosts.read_text().replace("\nhost ", "\nhostssl "))
        made.stop()
        made.start()
        yield made


def url(server: PostgresServer, options: str, *, password: str | None = None, host: str = "127.0.0.1") -> str:
    return server.url(password=password).replace("127.0.0.1", host) + options


async def test_a_server_of_a_known_authority_is_reached_by_tls_alone(server: PostgresServer) -> None:
    database = PostgresDatabase(url(server, f"?sslmode=verify-full&sslrootcert={server.folder / 'ca.pem'}"))
    await database.open()
    assert await database.read(encrypted)
    await database.close()


async def test_an_unknown_authority_is_refused_by_a_sentence(server: PostgresServer, tmp_path: Path) -> None:
    other, _ = make_certificate(tmp_path)
    with pytest.raises(Unavailable, match=r"could not be made safe \(self-signed certificate.*sslmode and sslrootcert"):
        await PostgresDatabase(url(server, f"?sslmode=verify-full&sslrootcert={other}")).open()


async def test_a_certificate_for_another_host_is_refused_by_a_sentence(server: PostgresServer) -> None:
    with pytest.raises(Unavailable, match=r"could not be made safe \(.*127\.0\.0\.2"):
        await PostgresDatabase(url(server, f"?sslmode=verify-full&sslrootcert={server.folder / 'ca.pem'}", host="127.0.0.2")).open()


async def test_a_file_of_authorities_that_is_missing_is_named(server: PostgresServer, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"sslrootcert in DATABASE_URL names .*nowhere\.pem"):
        await PostgresDatabase(url(server, f"?sslmode=verify-full&sslrootcert={tmp_path / 'nowhere.pem'}")).open()


async def test_a_mode_that_does_not_exist_is_told_with_those_that_do(server: PostgresServer) -> None:
    with pytest.raises(Unavailable, match=r"does not tell how .*verify-full"):
        await PostgresDatabase(url(server, "?sslmode=sometimes")).open()


async def test_a_wrong_password_is_told_from_a_wrong_certificate(server: PostgresServer) -> None:
    with pytest.raises(Unavailable, match="password"):
        await PostgresDatabase(url(server, f"?sslmode=verify-full&sslrootcert={server.folder / 'ca.pem'}", password="wrong")).open()


async def test_nothing_is_sent_in_plain_where_the_server_wants_tls(server: PostgresServer) -> None:
    with pytest.raises(Unavailable):
        await PostgresDatabase(url(server, "?sslmode=disable")).open()
