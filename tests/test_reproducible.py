"""The same configuration gives the same bytes, wherever, whenever and by whomever it is built."""

import os
import shlex
import subprocess

import pytest

from facet.tree import copy_tree

PRODUCTS = ("facet.elf", "root.cpio", "facet.iso")


@pytest.mark.timeout(900)           # two builds without the compiler's cache
def test_two_folders_give_the_same_bytes(tmp_path):
    """Other folders, mask of permissions, locale, time zone, and user's name; without the cache of
    the compiler, which would give the second what the first has made."""
    builds = []
    for name, mask, locale, zone in (("one", "022", "C", "UTC"),
                                     ("another/and/deeper", "077", "C.UTF-8", "Asia/Tokyo")):
        tree = copy_tree(tmp_path / name)
        environment = {**os.environ, "CCACHE_DISABLE": "1", "LC_ALL": locale, "TZ": zone,
                       "USER": name, "HOSTNAME": name, "MAKEFLAGS": "",
                       "O": "", "U": ""}
        words = shlex.join(tree.words(name, "teaching_defconfig", "all", "iso"))
        done = subprocess.run(["bash", "-c", f"umask {mask}; make -C {tree.source} {words}"],
                              env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        assert done.returncode == 0, done.stdout
        builds.append(tree.build_folder(name))
    for product in PRODUCTS:
        assert (builds[0] / product).read_bytes() == (builds[1] / product).read_bytes(), product
    assert str(tmp_path).encode() not in (builds[0] / "facet.elf").read_bytes()
