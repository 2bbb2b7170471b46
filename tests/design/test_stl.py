import io

import pytest
import trimesh

from reference.design_samples import INSOLE, box
from unikat.design import shape_part, write_stl
from unikat.design.recipes import default_parameters


def test_the_size_is_that_of_the_format():
    assert len(write_stl(box(1.0, 2.0, 3.0))) == 84 + 50 * 12


def test_an_insole_is_read_back_as_the_same_solid():
    part = shape_part(INSOLE, default_parameters(INSOLE))
    solid = trimesh.load(io.BytesIO(write_stl(part.mesh)), file_type="stl", force="mesh")
    assert solid.is_volume
    assert solid.volume == pytest.approx(part.volume_mm3, rel=1e-6)
