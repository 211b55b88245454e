import pytest

from gateway.storage.mongodb_address import MongoDBAddress


@pytest.mark.parametrize(
    ("url", "hosts", "authenticates", "encrypts"),
    [
        pytest.param("mongodb://127.0.0.1:27017/?replicaSet=a", ("127.0.0.1",), False, False, id="one node"),
        pytest.param("mongodb://a:1,b,[::1]:2/journey", ("a", "b", "::1"), False, False, id="several nodes"),
        pytest.param("mongodb://%2Frun%2Fa.sock/?directConnection=true", ("/run/a.sock",), False, False, id="a socket"),
        pytest.param("mongodb://user:p%40ss@db.example/", ("db.example",), True, False, id="a password"),
        pytest.param("mongodb://user:p@ss@db.example/", ("db.example",), True, False, id="a password with an @"),
        pytest.param("mongodb://db.example/?tls=true", ("db.example",), False, True, id="encrypted"),
        pytest.param("mongodb://db.example?SSL=True", ("db.example",), False, True, id="encrypted, by the old word"),
        pytest.param("mongodb+srv://u:p@db.example", ("db.example",), True, True, id="found by DNS: encrypted"),
        pytest.param("mongodb+srv://db.example/?tls=false", ("db.example",), False, False, id="found by DNS, plain"),
        pytest.param(
            "mongodb://db.example/?authMechanism=MONGODB-X509&tls=true", ("db.example",), True, True, id="a certificate"
        ),
        pytest.param("http://db.example", (), False, False, id="no MongoDB URL"),
    ],
)
def test_a_url_says_who_may_listen_in(url: str, hosts: tuple[str, ...], authenticates: bool, encrypts: bool) -> None:
    assert MongoDBAddress.read(url) == MongoDBAddress(hosts, authenticates, encrypts)
