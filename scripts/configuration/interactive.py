"""Configuring by questions: menuconfig, oldconfig."""

import os

from . import dotconfig


def menuconfig(kconf, source, _names):
    import menuconfig as interface
    dotconfig.load_or_default(kconf, source)
    if not os.path.exists(dotconfig.path()):
        dotconfig.save(kconf)
    os.environ["KCONFIG_CONFIG"] = os.path.abspath(dotconfig.path())
    os.environ.setdefault("MENUCONFIG_STYLE", "aquatic")
    interface.menuconfig(kconf)


def oldconfig(kconf, source, _names):
    """Ask for each option that is visible and has no value yet."""
    import oldconfig as interface
    dotconfig.load_or_default(kconf, source)
    if not os.path.exists(dotconfig.path()):
        dotconfig.save(kconf)
    while True:
        interface.conf_changed = False
        for node in kconf.node_iter():
            interface.oldconfig(node)
        if not interface.conf_changed:
            break
    dotconfig.save(kconf)
