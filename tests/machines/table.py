"""The PCs, a row each. A row is named by what is special about it, so that `make test-machines
T=NAME` runs it alone.

A row says how the kernel gets there (`direct`: QEMU loads it without any firmware; else by which
firmware, from which medium), and what the PC is made of. Processors and memory make no difference
to a boot loader, so those rows are direct ones.
"""

from dataclasses import dataclass

from facet.bochs import BochsHardware
from facet.machine import REAL_TIME, Hardware

DIRECT, SEABIOS, OVMF, BOCHS = "direct", "SeaBIOS", "OVMF", "Bochs"

CD = ("-device", "ide-cd,drive=medium")
IDE = ("-device", "ide-hd,drive=medium")                # of q35 this is an AHCI disk
AHCI_CARD = ("-device", "ahci,id=ahci", "-device", "ide-hd,drive=medium,bus=ahci.0")
XHCI = ("-device", "qemu-xhci", "-device", "usb-storage,drive=medium")
EHCI = ("-device", "usb-ehci,id=ehci", "-device", "usb-storage,drive=medium,bus=ehci.0")
VIRTIO = ("-device", "virtio-blk-pci,drive=medium")


@dataclass(frozen=True)
class Row:
    """A PC, and how the kernel gets into it."""

    hardware: "Hardware | BochsHardware"
    firmware: str
    medium: tuple[str, ...] = ()
    turns_off: bool = True      # it has ACPI to be turned off by
    quick: bool = False         # `make test` runs it, too


def pc(firmware: str, medium: tuple[str, ...] = (), machine: str = "q35", cpu: str = "max",
       memory: str = "256M", extra: tuple[str, ...] = (), **rest) -> Row:
    return Row(Hardware(machine=machine, cpu=cpu, memory=memory, clock=REAL_TIME, extra=extra),
               firmware, medium, **rest)


def sparse(size: str) -> dict:
    """Memory that the host need not have."""
    return {"machine": "q35,memory-backend=sparse", "memory": size,
            "extra": ("-object", f"memory-backend-ram,id=sparse,size={size},reserve=off")}


def bochs(cpu: str, memory: int = 128, drive: str = "cdrom", **rest) -> Row:
    return Row(BochsHardware(cpu, memory, drive), BOCHS, **rest)


ROWS = {
    # From which medium.
    "pc-cd": pc(SEABIOS, CD, machine="pc"),
    "pc-ide-disk": pc(SEABIOS, IDE, machine="pc"),
    "pc-ahci-card": pc(SEABIOS, AHCI_CARD, machine="pc"),
    "pc-virtio-disk": pc(SEABIOS, VIRTIO, machine="pc"),
    "pc-stick-xhci": pc(SEABIOS, XHCI, machine="pc"),
    "pc-stick-ehci": pc(SEABIOS, EHCI, machine="pc"),
    "q35-cd": pc(SEABIOS, CD),
    "q35-ahci-disk": pc(SEABIOS, IDE),
    "q35-virtio-disk": pc(SEABIOS, VIRTIO),
    "q35-stick-xhci": pc(SEABIOS, XHCI),
    "q35-stick-ehci": pc(SEABIOS, EHCI),
    "ovmf-pc-cd": pc(OVMF, CD, machine="pc"),
    "ovmf-pc-ide-disk": pc(OVMF, IDE, machine="pc"),
    "ovmf-q35-cd": pc(OVMF, CD),
    "ovmf-q35-ahci-disk": pc(OVMF, IDE, quick=True),
    "ovmf-q35-virtio-disk": pc(OVMF, VIRTIO),
    "ovmf-q35-stick-xhci": pc(OVMF, XHCI),
    "ovmf-q35-stick-ehci": pc(OVMF, EHCI),
    "bochs-cd": bochs("corei7_haswell_4770", quick=True),
    "bochs-disk": bochs("corei7_sandy_bridge_2600k", drive="disk"),

    # Which processor.
    "qemu64": pc(DIRECT, cpu="qemu64"),
    "Nehalem": pc(DIRECT, cpu="Nehalem"),
    "Haswell": pc(DIRECT, cpu="Haswell"),
    "EPYC": pc(DIRECT, cpu="EPYC"),
    "xAPIC": pc(DIRECT, cpu="max,-x2apic", machine="pc"),
    "x2APIC": pc(DIRECT, cpu="max,+x2apic"),
    "four-processors": pc(DIRECT, extra=("-smp", "4")),
    "bochs-athlon64": bochs("athlon64_venice"),
    "bochs-core2": bochs("core2_penryn_t9600"),
    "bochs-skylake": bochs("corei7_skylake_x"),
    "bochs-ryzen": bochs("ryzen"),

    # Which clocks, and no ACPI.
    "pc-hpet-off": pc(SEABIOS, CD, machine="pc,hpet=off"),
    "q35-hpet-off": pc(SEABIOS, CD, machine="q35,hpet=off"),
    "q35-pit-off": pc(DIRECT, machine="q35,pit=off"),
    "q35-pit-and-hpet-off": pc(DIRECT, machine="q35,pit=off,hpet=off"),
    "pc-acpi-off": pc(SEABIOS, CD, machine="pc,acpi=off", turns_off=False),
    "pc-acpi-and-hpet-off": pc(DIRECT, machine="pc,acpi=off,hpet=off", turns_off=False),
    "microvm": pc(DIRECT, machine="microvm,acpi=off,rtc=on", turns_off=False),

    # How much memory.
    "16-MiB": pc(DIRECT, machine="pc", memory="16M"),
    "64-MiB": pc(SEABIOS, CD, machine="pc", memory="64M"),
    "3584-MiB": pc(SEABIOS, CD, memory="3584M"),
    "3584-MiB-ovmf": pc(OVMF, CD, memory="3584M"),
    "5-GiB": pc(SEABIOS, CD, memory="5G"),
    "5-GiB-ovmf": pc(OVMF, CD, memory="5G"),
    "64-GiB": pc(DIRECT, **sparse("64G"), quick=True),
    "64-GiB-seabios": pc(SEABIOS, CD, **sparse("64G")),
    "bochs-1-GiB": bochs("corei7_haswell_4770", memory=1024),
}
