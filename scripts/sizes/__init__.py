"""What takes up space in a kernel: by section, by folder, by symbol; and what changed in it.

    sizes = read_sizes("build/facet.elf")
    change = compare(sizes, read_sizes("build/other"))

The symbols of a section and what lies between them (strings, padding) add up to the section.
"""

from .changes import Comparison, compare
from .elf import Section, Sizes, SizeError, Symbol, read_sizes

__all__ = ["Comparison", "Section", "SizeError", "Sizes", "Symbol", "compare", "read_sizes"]
