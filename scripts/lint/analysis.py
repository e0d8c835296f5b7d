"""The kernel's C, judged by cppcheck: what a compiler that looks at one function does not see.

Every file is looked at, also those of a choice's other members, with the options of
teaching_defconfig, which has all checks on. Not compile_commands.json, then, which knows only what
one configuration builds. cppcheck and not clang-tidy: 10 seconds for the whole kernel where the
analyser of clang-tidy 14 takes five minutes, with four times the false alarms.
"""

import os
import tempfile

from configuration.errors import ConfigError
from configuration.tree import load_kconfig

from . import tools
from .finding import Finding
from .tree import with_suffix

FOLDERS = ("arch", "drivers", "fs", "init", "kernel", "lib", "mm")
PRODUCT = "configs/teaching_defconfig"

# Macros in cppcheck's idea of the C library; the kernel has these as constants of an enum.
NOT_MACROS = ("SIGABRT", "SIGFPE", "SIGINT", "SIGKILL", "SIGSEGV", "SIGTERM")

LINE = r"(?P<path>.+?):(?P<line>\d+): (?P<rule>\w+): (?P<message>.*)"


def check(source):
    names = [str(path) for path in with_suffix(source, ".c") if path.parts[0] in FOLDERS]
    if not names:
        return
    with tempfile.TemporaryDirectory() as folder:
        header = os.path.join(folder, "autoconf.h")
        try:
            kconf = load_kconfig(str(source))
        except ConfigError as error:
            yield Finding("Kconfig", 0, "kconfig", f"nothing was judged: {error}")
            return
        kconf.load_config(str(source / PRODUCT))
        kconf.write_autoconf(header)
        with open(header, "a", encoding="utf-8") as file:
            file.writelines(f"#undef {name}\n" for name in NOT_MACROS)
        yield from tools.findings(
            ["cppcheck", "--quiet", f"-j{os.cpu_count()}", "--std=c11", "--platform=unix64",
             "--enable=warning,performance,portability",
             "--template={file}:{line}: {id}: {message}", "--template-location=",
             f"--include={header}", "-Iinclude", "-Iarch/x86_64/include", *names], source, LINE)
