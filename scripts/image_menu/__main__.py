"""Writes GRUB's configuration for an image of one kernel or several.

    python3 -m image_menu [--at-once] [--append WORDS] [--archive] [--config FILE] KERNEL...

KERNEL is a file's name below /boot, without its .elf; the first is what boots by itself. --archive:
the programs are handed over beside it. --at-once: without a menu. --config: what the kernels were
configured by, but for their policies; without it they are not offered to be measured.
"""

import argparse
import pathlib
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


def can_measure(options):
    """Whether usr/scripts/compare_shapes has the tools that it is written with."""
    return "CONFIG_USER_BUSYBOX=y" in options


def can_compare(options):
    """Whether its figures outlive the reboot between two kernels."""
    return can_measure(options) and "CONFIG_LAST_LOG=y" in options


def render(kernels, append="", archive=False, at_once=False, config=""):
    """The text of grub.cfg. `config` is the text of a .config."""
    options = config.splitlines()
    compared = kernels[:COMPARED_MAX] if can_compare(options) and len(kernels) > 1 else []
    environment = jinja2.Environment(loader=jinja2.PackageLoader(__package__, "."),
                                     undefined=jinja2.StrictUndefined, trim_blocks=True,
                                     lstrip_blocks=True, keep_trailing_newline=True)
    template = environment.get_template("grub.cfg.jinja")
    return template.render(kernels=kernels, append=append, archive=archive, at_once=at_once,
                           measured=can_measure(options), compared=compared,
                           place=NEXT_BOOT_PLACE, sign_of=sign_of)


def main():
    parser = argparse.ArgumentParser(prog="image_menu", description=__doc__.splitlines()[0])
    parser.add_argument("--at-once", action="store_true")
    parser.add_argument("--append", default="")
    parser.add_argument("--archive", action="store_true")
    parser.add_argument("--config", type=pathlib.Path)
    parser.add_argument("kernels", nargs="+", metavar="KERNEL")
    arguments = parser.parse_args()
    config = arguments.config.read_text("utf-8") if arguments.config else ""
    print(render(**{**vars(arguments), "config": config}), end="")


if __name__ == "__main__":
    main()
