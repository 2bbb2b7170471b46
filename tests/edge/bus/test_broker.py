import pytest

from unikat.edge.bus.broker import Broker, read_broker, topic_name
from unikat.errors import InvalidSite


@pytest.mark.parametrize(
    ("address", "broker"),
    [
        ("mqtt://localhost", Broker("localhost", 1883)),
        ("mqtt://a%40b:p%2Fw@host:1900/", Broker("host", 1900, "a@b", "p/w")),
        ("mqtts://host?ca=/etc/ca.pem", Broker("host", 8883, has_tls=True, ca_file="/etc/ca.pem")),
        ("mqtt://host?version=3.1.1", Broker("host", 1883, version=4)),
        ("mqtt://[::1]:2000", Broker("::1", 2000)),
        ("embedded", Broker("127.0.0.1", 1883, version=4, is_embedded=True)),
        ("embedded://:2000", None),
        ("http://host", None),
        ("localhost", None),
        ("mqtt://host:many", None),
        ("mqtt://host/path", None),
        ("mqtt://host?qos=2", None),
        ("mqtt://host?version=4", None),
        ("", None),
    ],
)
def test_an_address_is_read_or_refused(address, broker):
    if broker is not None:
        assert read_broker(address) == broker
    else:
        with pytest.raises(InvalidSite, match="mqtt://USER:PASSWORD@HOST:PORT"):
            read_broker(address)


def test_no_password_is_ever_shown():
    broker = read_broker("mqtt://anna:secret@host")
    assert "secret" not in f"{broker} {broker!r}"
    with pytest.raises(InvalidSite) as fault:
        read_broker("mqtt://anna:secret@host?x=1")
    assert "secret" not in str(fault.value)


def test_a_topic_has_no_wildcards_and_is_never_empty():
    assert topic_name("Müller & Söhne #1/+") == "m-ller-s-hne-1"
    assert topic_name("+/#") == "site"
