"""What comparisons of one tree share: the build folders of their kernels, and Debian's kernel."""

import threading
import time
from types import SimpleNamespace

import pytest

from compare import build, linux
from compare.model import RequestError

CONFIGURATION = SimpleNamespace(hash="abc", text="CONFIG_X=y\n", values={"PROGRAMS_INITRD": "n"})
MAKE = r"""#!/bin/sh
for word; do
	case $word in O=*) folder=${word#O=} ;; LINK_SEED=*) seed=${word#LINK_SEED=} ;; esac
done
exec 9>>"$folder/.lock"
flock 9
echo "linked by ${seed:-nothing}" > "$folder/facet.elf"
echo archive > "$folder/root.cpio"
"""


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """install(name, text): a program of this text, found before all others."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=":")

    def install(name, text):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)

    return install


def test_two_comparisons_at_once_each_get_the_kernel_that_they_linked(tmp_path, tools, monkeypatch):
    tools("make", MAKE)
    quick = build.copy

    def slow(source, target):
        time.sleep(0.2)             # for the others to link theirs
        quick(source, target)

    monkeypatch.setattr(build, "copy", slow)
    found = {}

    def compare(seed):
        builder = build.Builder(tmp_path, tmp_path / "shared", tmp_path / f"out{seed}", 1)
        found[seed] = builder.image(CONFIGURATION, seed).kernel.read_text()

    threads = [threading.Thread(target=compare, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {seed: f"linked by {seed}\n" for seed in range(3)}


def test_archive_stays_what_was_measured(tmp_path, tools):
    tools("make", MAKE)
    builder = build.Builder(tmp_path, tmp_path / "shared", tmp_path / "out", 1)
    assert builder.image(CONFIGURATION).initrd is None
    tools("make", MAKE.replace("echo archive", "echo another"))
    build.Builder(tmp_path, tmp_path / "shared", tmp_path / "other", 1).image(CONFIGURATION)
    assert builder.archive(CONFIGURATION).read_text() == "archive\n"


def test_half_of_a_linux_is_not_taken_for_one(tmp_path, tools):
    tools("apt-cache", "#!/bin/sh\necho ' Depends: linux-image-6.1-cloud-amd64'\n")
    tools("apt-get", "#!/bin/sh\necho package > linux.deb\n")
    unpack = '#!/bin/sh\nmkdir "$3/boot"\necho {} > "$3/boot/vmlinuz-6.1"\nexit {}\n'
    tools("dpkg-deb", unpack.format("half", 2))
    with pytest.raises(RequestError, match="dpkg-deb"):
        linux.kernel(tmp_path / "linux")
    tools("dpkg-deb", unpack.format("whole", 0))
    kernel = linux.kernel(tmp_path / "linux")
    assert kernel.read_text() == "whole\n" and kernel.name == "vmlinuz-6.1"
    tools("apt-get", "#!/bin/sh\nexit 1\n")
    assert linux.kernel(tmp_path / "linux") == kernel
