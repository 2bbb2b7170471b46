import io
import zipfile

import lib3mf
import numpy as np
import pytest
from hypothesis import given, settings

from reference.design_samples import INSOLE, box, insole_parameters
from unikat.design import Placed, lay_pair, shape_part, write_threemf
from unikat.design.recipes import default_parameters
from unikat.design.threemf import write_model

METADATA = {"Title": "Insoles <of> Ann & Co", "order": 'o-"1"', "serial": "7"}
PART = shape_part(INSOLE, default_parameters(INSOLE))


@pytest.fixture(scope="module")
def wrapper():
    return lib3mf.Wrapper()


def read_strictly(wrapper, content):
    """Read with the strict reader of the 3MF consortium; a warning is a failure."""
    model = wrapper.CreateModel()
    reader = model.QueryReader("3mf")
    reader.SetStrictModeActive(True)
    reader.ReadFromBuffer(content)
    assert reader.GetWarningCount() == 0
    return model


def meshes_of(model):
    objects = model.GetMeshObjects()
    while objects.MoveNext():
        mesh = objects.GetCurrentMeshObject()
        vertices = np.array([tuple(v.Coordinates) for v in mesh.GetVertices()])
        faces = np.array([tuple(t.Indices) for t in mesh.GetTriangleIndices()])
        assert mesh.IsManifoldAndOriented()
        yield vertices, faces


def items_of(model):
    items = model.GetBuildItems()
    while items.MoveNext():
        item = items.GetCurrent()
        yield item.GetPartNumber(), tuple(item.GetObjectTransform().Fields[3])


@settings(max_examples=8)
@given(insole_parameters())
def test_the_strict_reader_gets_the_same_meshes_to_1_um(wrapper, parameters):
    items = lay_pair(shape_part(INSOLE, parameters))
    model = read_strictly(wrapper, write_threemf(items, METADATA))
    for item, (vertices, faces) in zip(items, meshes_of(model), strict=True):
        assert np.abs(vertices - item.mesh.vertices).max() <= 0.0006
        assert np.array_equal(faces, item.mesh.faces)


def test_items_keep_their_names_and_places(wrapper):
    left, right = lay_pair(PART)
    model = read_strictly(wrapper, write_threemf((left, right), {}))
    placed = dict(items_of(model))
    assert placed["left"] == pytest.approx(left.shift, abs=0.0006)
    assert placed["right"] == pytest.approx(right.shift, abs=0.0006)


def test_metadata_comes_back_whatever_its_signs(wrapper):
    model = read_strictly(wrapper, write_threemf(lay_pair(PART), METADATA))
    group = model.GetMetaDataGroup()
    entries = [group.GetMetaData(i) for i in range(group.GetMetaDataCount())]
    assert {entry.GetName(): entry.GetValue() for entry in entries} == METADATA


def test_the_same_mesh_twice_is_one_object_and_two_items(wrapper):
    mesh = box(10.0, 10.0, 10.0)
    items = (Placed("a", mesh), Placed("b", mesh, (20.0, 0.0, 0.0)))
    model = read_strictly(wrapper, write_threemf(items, {}))
    assert len(list(meshes_of(model))) == 1
    assert [name for name, _ in items_of(model)] == ["a", "b"]


def test_two_runs_are_identical_byte_for_byte():
    again = shape_part(INSOLE, default_parameters(INSOLE))
    assert write_threemf(lay_pair(PART), METADATA) == write_threemf(lay_pair(again), METADATA)


def test_no_number_is_minus_zero():
    assert "-0.000" not in write_model(lay_pair(PART), {})


def test_the_package_holds_its_entries_in_sequence_and_without_a_clock():
    with zipfile.ZipFile(io.BytesIO(write_threemf(lay_pair(PART), METADATA))) as package:
        entries = package.infolist()
    names = [entry.filename for entry in entries]
    assert names == ["[Content_Types].xml", "_rels/.rels", "3D/3dmodel.model"]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
