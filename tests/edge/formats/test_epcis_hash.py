"""The hash id, held to examples that the method's authors publish (GS1 Germany, MIT licence)."""

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from unikat.edge.formats.epc_keys import canonical_key
from unikat.edge.formats.epcis_hash import hash_event, prehash

SHIPPED = {
    "type": "ObjectEvent",
    "action": "OBSERVE",
    "bizStep": "shipping",
    "disposition": "in_transit",
    "epcList": [
        "urn:epc:id:sgtin:0614141.107346.2017",
        "urn:epc:id:sgtin:0614141.107346.2018",
    ],
    "eventTime": "2022-02-16T20:33:31.116000-06:00",
    "eventTimeZoneOffset": "-06:00",
    "readPoint": {"id": "urn:epc:id:sgln:0614141.07346.1234"},
    "bizTransactionList": [
        {"type": "po", "bizTransaction": "http://transaction.acme.com/po/12345678"}
    ],
}
DEPARTED = {
    "type": "ObjectEvent",
    "eventTime": "2020-03-04T11:00:30+01:00",
    "eventTimeZoneOffset": "+01:00",
    "epcList": ["urn:epc:id:sgtin:0614141.011111.987"],
    "action": "OBSERVE",
    "bizStep": "urn:epcglobal:cbv:bizstep:departing",
    "disposition": "urn:epcglobal:cbv:disp:in_transit",
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00011.0", "example:myField1": "AB-12"},
    "bizTransactionList": [
        {"type": "urn:epcglobal:cbv:btt:po", "bizTransaction": "urn:epc:id:gdti:4012345.11111.123"}
    ],
    "sourceList": [
        {"type": "urn:epcglobal:cbv:sdt:owning_party", "source": "urn:epc:id:pgln:4012345.00000"}
    ],
    "destinationList": [
        {
            "type": "urn:epcglobal:cbv:sdt:owning_party",
            "destination": "urn:epc:id:pgln:0614141.00000",
        }
    ],
    "example:userExt": "CD-34",
}
DEPARTED_PREHASH = (
    "eventType=ObjectEventeventTime=2020-03-04T10:00:30.000ZeventTimeZoneOffset=+01:00"
    "epcListepc=https://id.gs1.org/01/00614141111114/21/987action=OBSERVE"
    "bizStep=https://ref.gs1.org/cbv/BizStep-departing"
    "disposition=https://ref.gs1.org/cbv/Disp-in_transit"
    "readPointid=https://id.gs1.org/414/4012345000115"
    "bizTransactionListbizTransaction=https://id.gs1.org/253/4012345111118123"
    "type=https://ref.gs1.org/cbv/BTT-po"
    "sourceListsource=https://id.gs1.org/417/4012345000009"
    "type=https://ref.gs1.org/cbv/SDT-owning_party"
    "destinationListdestination=https://id.gs1.org/417/0614141000005"
    "type=https://ref.gs1.org/cbv/SDT-owning_party"
    "readPoint{https://ns.example.com/epcis/}myField1=AB-12"
    "{https://ns.example.com/epcis/}userExt=CD-34"
)
INSPECTED = {
    "type": "ObjectEvent",
    "eventTime": "2020-04-01T15:00:00+01:00",
    "eventTimeZoneOffset": "+01:00",
    "epcList": ["urn:epc:id:sgtin:4012345.011111.9876"],
    "action": "OBSERVE",
    "bizStep": "urn:epcglobal:cbv:bizstep:inspecting",
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00005.0"},
    "sensorElementList": [
        {
            "sensorMetadata": {
                "deviceID": "urn:epc:id:giai:4000001.111",
                "deviceMetadata": "https://id.gs1.org/giai/4000001111",
            },
            "sensorReport": [
                {"type": "gs1:MT-Temperature", "value": 26, "sDev": 0.1, "uom": "CEL"},
                {"type": "gs1:MT-Humidity", "value": 12.1, "uom": "A93"},
                {
                    "type": "gs1:MT-Molar_concentration",
                    "microorganism": "https://www.ncbi.nlm.nih.gov/taxonomy/1126011",
                    "value": 0.05,
                    "uom": "C35",
                },
                {
                    "type": "gs1:MT-Molar_concentration",
                    "chemicalSubstance": "urn:epcglobal:cbv:inchikey:CZMRCDWAGMRECN-UGDNZRGBSA-N",
                    "value": 0.18,
                    "uom": "C35",
                },
            ],
        }
    ],
}


def test_published_examples_have_their_published_hashes():
    shipped = "3e0f2437f4cb5e8a1b832b769c0eed1bf3e1421f14061132e9800ded03f10182"
    assert hash_event(SHIPPED) == f"ni:///sha-256;{shipped}?ver=CBV2.0"
    inspected = "174b2bf1d1feb75408f84bdfa7d6a4ba28ef8d9567ff52c6fd372251d5b90814"
    assert hash_event(INSPECTED) == f"ni:///sha-256;{inspected}?ver=CBV2.0"  # as their 1.9.3 says


def test_a_published_example_has_its_published_prehash():
    assert prehash(DEPARTED, {"example": "https://ns.example.com/epcis/"}) == DEPARTED_PREHASH


@given(st.randoms(use_true_random=False), st.integers(-12, 12))
@settings(max_examples=20)
def test_sequence_time_zone_and_what_is_added_later_do_not_change_an_id(random, hours):
    items = list(SHIPPED.items())
    random.shuffle(items)
    same = dict(items)
    same["epcList"] = same["epcList"][::-1]
    sign = "-" if hours < 0 else "+"
    moment = datetime.fromisoformat(SHIPPED["eventTime"])
    zone = datetime.fromisoformat(f"2022-01-01T00:00:00{sign}{abs(hours):02d}:00").tzinfo
    same["eventTime"] = moment.astimezone(zone).isoformat()
    same |= {"recordTime": "2023-01-01T00:00:00Z", "eventID": "urn:x:1", "bizStep": " shipping "}
    assert hash_event(same) == hash_event(SHIPPED)
    assert hash_event({**same, "action": "DELETE"}) != hash_event(SHIPPED)


def test_own_fields_are_told_with_their_namespace_and_numbers_in_one_form():
    event = {**SHIPPED, "x:b": [3, 1.0], "x:a": {"x:n": 1e-05, "x:t": True}}
    assert prehash(event, {"x": "urn:x:"}).endswith(
        "{urn:x:}a{urn:x:}n=0.00001{urn:x:}t=true{urn:x:}b=1{urn:x:}b=3"
    )


def test_keys_become_canonical_digital_links():
    links = {
        "urn:epc:id:sscc:4012345.0000000333": "/00/040123450000003338",
        "urn:epc:id:sgln:0614141.07346.1234": "/414/0614141073467/254/1234",
        "urn:epc:class:lgtin:4012345.012345.998877": "/01/04012345123456/10/998877",
        "urn:epc:idpat:sgtin:4012345.066666.*": "/01/04012345666663",
        "urn:epc:id:giai:4000001.111": "/8004/4000001111",
        "https://id.gs1.org/01/04012345123456/22/2A/21/7?a=b": "/01/04012345123456/21/7",
    }
    for uri, link in links.items():
        assert canonical_key(uri) == f"https://id.gs1.org{link}"
    for uri in ("urn:unikat:x:part:1", "https://shop.example/parts/7", "urn:epc:id:sgtin:1.2"):
        assert canonical_key(uri) == uri
