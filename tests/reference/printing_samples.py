"""The print processes of the example plant, as its plant.toml has them."""

import tomllib

from unikat.printing import read_process

TABLES = tomllib.loads(
    """
    [print_powder]  # multi jet fusion of PA12; parts cool in their build
    kind = "powder"
    chamber_x_mm = 380
    chamber_y_mm = 284
    chamber_z_mm = 380
    build_height_mm = 160  # the standard build: about 10 pairs
    layer_mm = 0.08
    layer_s = 10
    warm_up_s = 3600
    cool_down_s = 12400
    packing_density = 0.11
    material_g_cm3 = 1.01
    power_kw = 5
    p90_factor = 1.03

    [print_filament]  # flexible TPU from a 0.6 mm nozzle
    kind = "fff"
    plate_x_mm = 350
    plate_y_mm = 350
    plate_z_mm = 120
    layer_mm = 0.3
    bead_mm = 0.65
    walls = 2
    top_layers = 3
    bottom_layers = 3
    first_mm_s = 20
    external_mm_s = 30
    inner_mm_s = 40
    sparse_mm_s = 45
    solid_mm_s = 45
    top_mm_s = 30
    accel_s_per_mm = 0.12
    setup_s = 600
    material_g_cm3 = 1.21
    power_kw = 0.25
    p90_factor = 1.06
    """
)
POWDER = read_process(TABLES["print_powder"], name="print_powder")
FFF = read_process(TABLES["print_filament"], name="print_filament")
