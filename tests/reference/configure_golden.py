"""A small insole family whose numbers were counted and added by hand and by brute force."""

# ruff: noqa: E501

UVL = """\
namespace insole
features
    Insole {price 3900}
        mandatory
            Integer Length {min 200, max 320, step 1, unit 'mm', default 265}
            Real Thickness {min 2.0, max 6.0, step 0.5, unit 'mm', default 3.0}
            Body
                alternative
                    Printed {price 3500, default true}
                        alternative
                            Soft {density 0.15}
                            Medium {density 0.25, default true}
                            Firm {density 0.4, price 300}
                    Foam
        optional
            HeelCup {price 600}
            String Engraving {price 400, max_length 12}
constraints
    Engraving => Printed            // R1: foam cannot be engraved
    HeelCup => Thickness >= 3       // R2: a heel cup needs at least 3 mm under it
    Soft => Thickness >= 4          // R3: the soft lattice needs at least 4 mm
    Foam => Length <= 300           // R4: foam blanks end at 300 mm
"""

SHEET = """\
family = { id = "insole", version = 3, name = "Custom insole", standard = { Foam = true, Length = 265 } }
module = [ { id = "shell", personal = true }, { id = "cover" }, { id = "cup" } ]
bom = [
  { id = "powder", module = "shell", slot = "shell", item = "PA12-powder", when = "Printed", unit = "g", quantity = "0.018 * Length * Thickness * (1 + sum(Printed, density))" },
  { id = "foam", module = "shell", slot = "shell", item = "EVA-blank", when = "Foam", unit = "piece", quantity = "1" },
  { id = "cover", module = "cover", item = "textile-roll", unit = "mm", quantity = "Length + 20" },
  { id = "cup", module = "cup", item = "heel-cup", when = "HeelCup", unit = "piece", quantity = "1" },
]
routing = [
  { id = "print", slot = "shape", capability = "print-pa12", when = "Printed", uses = ["powder"], recipe = "insole-shell", seconds = "1800 + 6 * Length * Thickness" },
  { id = "clean", capability = "depowder", when = "Printed", after = ["print"], seconds = "900" },
  { id = "mill", slot = "shape", capability = "mill-foam", when = "Foam", uses = ["foam"], setup = "foam", seconds = "240 + 2 * Length" },
  { id = "engrave", capability = "laser", when = "Engraving", after = ["clean"], seconds = "30 + 5 * len(Engraving)" },
  { id = "glue", capability = "assemble", after = ["engrave", "mill"], uses = ["cover", "cup"], seconds = "420" },
]
price = [ { id = "long", text = "long size", when = "Length > 290", cents = "4 * (Length - 290)" } ]
renamed = { PolyamideBody = "Printed" }
recipe = [ { id = "insole-shell", version = 1, when = "Printed", parameters = [
  { name = "length", unit = "mm", low = 200, high = 320, value = "Length" },
  { name = "thickness", unit = "mm", low = 2, high = 6, value = "Thickness" },
  { name = "infill", unit = "", low = 0.1, high = 0.5, value = "sum(Printed, density)" } ] } ]
"""
