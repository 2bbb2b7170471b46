"""What printing one part takes: seconds, grams and energy by process, without slicing."""

from unikat.printing.estimate import estimate_print
from unikat.printing.model import Fff, Powder, PrintEstimate, Process
from unikat.printing.process import read_process

__all__ = ["Fff", "Powder", "PrintEstimate", "Process", "estimate_print", "read_process"]
