"""AASX of plant and products: valid for two independent checkers, the same bytes each time."""

import io
import zipfile
from collections import Counter

import pytest
from aas_core3_1 import jsonization, verification
from aas_test_engines import file as test_engines
from hypothesis import given, settings
from hypothesis import strategies as st

from unikat.edge.export import export
from unikat.edge.formats.aas import count_assets, id_short
from unikat.edge.formats.aasx import read_aasx, write_aasx
from unikat.errors import InvalidLog


@pytest.fixture(scope="module")
def package(rehearsed) -> bytes:
    return export(rehearsed, None, "aasx")


def test_the_test_engines_of_the_standard_accept_plant_and_fifty_products(package):
    result = test_engines.check_aasx_file(io.BytesIO(package))
    assert result.ok()
    assert count_assets(read_aasx(package))["assetAdministrationShells"] > 40


def test_the_metamodel_3_1_verifies_without_an_error(package):
    environment = jsonization.environment_from_jsonable(read_aasx(package))
    assert not list(verification.verify(environment))


def test_each_shell_has_its_four_submodels_and_products_their_bill_of_material(rehearsed, package):
    environment = read_aasx(package)
    shells = environment["assetAdministrationShells"]
    names = Counter(each["idShort"] for each in environment["submodels"])
    kinds = ("Nameplate", "HierarchicalStructures", "OperationalData", "Simulation")
    assert names == dict.fromkeys(kinds, len(shells))
    state = rehearsed.site.state()
    order = next(iter(state.ended.values()))
    found = next(
        each
        for each in environment["submodels"]
        if each["id"].endswith(f"{order.id}:HierarchicalStructures")
    )
    entry = found["submodelElements"][1]
    nodes = [each for each in entry["statements"] if each["modelType"] == "Entity"]
    assert len(nodes) == len(order.variant.bom)


def test_the_same_site_gives_the_same_bytes(rehearsed, package):
    assert export(rehearsed, "assets", "aasx") == package


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers())))
@settings(max_examples=20)
def test_what_is_written_reads_back(submodels):
    environment = {"submodels": submodels}
    written = write_aasx(environment)
    assert read_aasx(written) == environment
    assert write_aasx(environment) == written


def packed(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no package"),
        (b"PK but no zip", "is no package"),
        (packed(), "is no package"),
        (packed(**{"_rels/.rels": "<a"}), "is no package"),
        (packed(**{"_rels/.rels": "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}), "cannot be read"),
        (packed(**{"_rels/.rels": "<a/>"}), "points to nothing"),
        (write_aasx({})[:-30], "is no package"),
    ],
)
def test_what_is_no_package_is_refused(content, said):
    with pytest.raises(InvalidLog, match=said):
        read_aasx(content)


def test_names_become_id_shorts():
    assert id_short("foot_length") == "foot_length"
    assert id_short("3 d-print é") == "x3_d_print__"
    assert id_short("") == "x"
    assert len(id_short("a" * 500)) == 120
