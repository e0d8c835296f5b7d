#!/usr/bin/env python3
"""Prints what of BusyBox goes into the root archive, as scripts/mkcpio.py reads it: the program,
and a link to it for each of its applets but those that have nothing to work on here."""

import struct
import subprocess
import sys

# Why an applet gets no link. All of them stay in the program: `busybox NAME` runs any.
LEFT_OUT = {
    "there is no network":
        "arp arping brctl dnsdomainname ftpget ftpput httpd ifconfig ifdown ifup ip ipneigh nameif "
        "nc netstat nslookup ping ping6 rdate route ssl_client tc telnet telnetd tftp traceroute "
        "traceroute6 tunctl udhcpc udhcpd vconfig wget",
    "there are no sockets, which these talk by":
        "klogd logger logread mdev syslogd uevent",
    "there are no block devices":
        "blkdiscard blockdev fatattr fdisk findfs freeramdisk fsfreeze fstrim losetup lsscsi "
        "mkdosfs mke2fs mkswap partprobe resume swapoff swapon ubirename",
    "there are no modules":
        "depmod insmod lsmod modinfo modprobe rmmod",
    "there is no such device":
        "acpid chvt deallocvt devmem dumpkmap hwclock i2cdetect i2cdump i2cget i2cset "
        "i2ctransfer loadfont loadkmap openvt setkeycodes watchdog",
    "there are no namespaces, and one root":
        "nsenter pivot_root run-init switch_root unshare",
    "usr/init.c is process 1":
        "init linuxrc",
    "usr/dmesg.c also shows the log of the boot before this one":
        "dmesg",
    "bench starts it: a C program that does nothing but start and end":
        "true",
}
PT_INTERP = 3


def is_static(program):
    """Whether an ELF-64 file names no dynamic linker."""
    with open(program, "rb") as file:
        data = file.read()
    offset, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    return all(struct.unpack_from("<I", data, offset + i * size)[0] != PT_INTERP
               for i in range(count))


def main():
    program = sys.argv[1]
    try:
        if not is_static(program):
            sys.exit(f"{program} is not static: install Debian's busybox-static (\"make setup\"), "
                     "or set CONFIG_USER_BUSYBOX=n")
        said = subprocess.run([program, "--list"], check=True, capture_output=True, text=True)
    except OSError as error:
        sys.exit(f"{program}: {error.strerror}: \"make setup\" installs it, and "
                 "CONFIG_USER_BUSYBOX=n does without")
    left_out = " ".join(LEFT_OUT.values()).split()
    print(f"file bin/busybox 755 {program}")
    for name in sorted(set(said.stdout.split()) - {"busybox", *left_out}):
        print(f"link bin/{name} busybox")


if __name__ == "__main__":
    main()
