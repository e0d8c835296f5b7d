"""Writes GRUB's configuration for an image of one kernel or several.

    python3 -m image_menu [--at-once] [--append WORDS] [--archive] KERNEL...

KERNEL is a file's name below /boot, without its .elf; the first is what boots by itself. --archive:
the programs are handed over beside it. --at-once: without a menu.
"""

import argparse
import sys

try:
    import jinja2
except ImportError:
    sys.exit("Jinja2 is missing. `make setup` installs it (Debian: python3-jinja2).")


# kernel/debug/next_boot.c: where a number of 16 bits is kept, and what stands above it.
NEXT_BOOT_PLACE = "0x9bff8"
NEXT_BOOT_SIGN = 0xFACE0000
COMPARED_MAX = 5                # columns of a table on a screen


def sign_of(number):
    """The word for a number, as GRUB's read_dword gives it."""
    return f"{NEXT_BOOT_SIGN | number:x}"


def render(kernels, append="", archive=False, at_once=False):
    """The text of grub.cfg."""
    environment = jinja2.Environment(loader=jinja2.PackageLoader(__package__, "."),
                                     undefined=jinja2.StrictUndefined, trim_blocks=True,
                                     lstrip_blocks=True, keep_trailing_newline=True)
    template = environment.get_template("grub.cfg.jinja")
    return template.render(kernels=kernels, append=append, archive=archive, at_once=at_once,
                           compared=kernels[:COMPARED_MAX], place=NEXT_BOOT_PLACE,
                           sign_of=sign_of)


def main():
    parser = argparse.ArgumentParser(prog="image_menu", description=__doc__.splitlines()[0])
    parser.add_argument("--at-once", action="store_true")
    parser.add_argument("--append", default="")
    parser.add_argument("--archive", action="store_true")
    parser.add_argument("kernels", nargs="+", metavar="KERNEL")
    arguments = parser.parse_args()
    print(render(**vars(arguments)), end="")


if __name__ == "__main__":
    main()
