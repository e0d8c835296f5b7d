# The build itself: runs in the build folder, after the top Makefile has seen to the configuration.
#
# One make for the whole kernel. Each folder's Makefile adds objects to obj-y and subfolders to
# dir-y; objects that must not have sanitizer calls stand in nosan-y as well. An object is rebuilt
# when its command or its compiler changed, when a file that it includes changed, or when an option
# that one of these files names changed (include/config/*, touched by scripts/kconfig.py).

MAKEFLAGS += -rR
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
SHELL := /bin/bash

.PHONY: all FORCE
all: facet.elf root.cpio

include $(srctree)/scripts/rules.mk

# --- configuration ----------------------------------------------------------------------------

rooms := arch kernel mm fs drivers init lib
config := $(or $(KCONFIG_CONFIG),.config)

ifeq ($(dry),)
$(shell mkdir -p include/config)
# Once the clock has been set back, make cannot tell what is newer: what is of the future goes.
$(shell find $(wildcard $(rooms) include *.o *.c *.elf *.cpio) -type f -newermt '1 minute' -delete)
endif
stamps := $(call take-stamps,$(addprefix $(srctree)/,$(rooms) include scripts Kconfig) \
	include/config $(config))

# What the build reads of the configuration is written anew when .config, a Kconfig file or the
# driver is not what it was, and is not read before.
configured-by := $(strip $(filter $(config)@% $(srctree)/scripts/kconfig.py@% \
	$(srctree)/scripts/configuration/%,$(stamps)) \
	$(foreach stamp,$(stamps),$(if $(findstring /Kconfig,$(stamp)),$(stamp))))

# Options are what auto.conf says: the environment has no part in them, and those on the command
# line have been merged into .config, where they may mean something else than their words (=n).
$(foreach name,$(filter CONFIG_%,$(.VARIABLES)),$(eval override undefine $(name)))

include include/config/synced.mk
unsynced := $(call differs,$(configured-by),$(synced))
ifeq ($(unsynced),)
include include/config/auto.conf
endif

ifeq ($(dry),)
include/config/synced.mk: $(if $(unsynced),FORCE)
	@$(PYTHON) -B $(srctree)/scripts/kconfig.py --source $(srctree) syncconfig
	@echo 'synced := $(configured-by)' >$@.new && mv $@.new $@
endif

# --- tools and flags --------------------------------------------------------------------------

CC := gcc
LD := ld
NM := nm
OBJCOPY := objcopy
OBJDUMP := objdump
NASM := nasm

include-flags := -I$(srctree)/include -I$(srctree)/arch/x86_64/include -Iinclude

# A header that hides another of its name would be noticed by no object that read the other, nor by
# the compiler's cache.
roots := $(patsubst -I%,%,$(include-flags))
headers := $(foreach stamp,$(stamps),$(firstword $(subst @, ,$(stamp))))
headers := $(foreach root,$(roots),$(patsubst $(root)/%,%,$(filter $(root)/%,$(headers))))
twice := $(strip $(foreach name,$(sort $(headers)),\
	$(if $(filter-out 1,$(words $(filter $(name),$(headers)))),$(name))))
ifneq ($(twice),)
$(error More than one header is found under this name: $(twice))
endif

CFLAGS := -std=gnu17 -ffreestanding -nostdinc -isystem $(shell $(CC) -print-file-name=include) \
	-O2 -g -mcmodel=kernel -mno-red-zone -mgeneral-regs-only -fno-pic -fno-pie \
	-fno-stack-protector -fno-omit-frame-pointer -fno-strict-aliasing -fno-common \
	-fcf-protection=none -fno-asynchronous-unwind-tables \
	-Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wno-override-init -Wno-missing-field-initializers \
	$(prefix-maps) $(include-flags) -include include/generated/autoconf.h
# The sanitizer's checks make gcc see bounds broken on paths that they have ruled out.
SANFLAGS := $(if $(CONFIG_UBSAN),-fsanitize=undefined -Wno-array-bounds -Wno-maybe-uninitialized)
NASMFLAGS := -f elf64 -g -F dwarf -Werror -I$(srctree)/arch/x86_64/include/ -Iinclude/ \
	-p include/generated/autoconf.inc
LDFLAGS := -nostdlib -static -z noexecstack -z max-page-size=4096 --build-id=none \
	--orphan-handling=error

# Whoever changes how an object is made or what is kept of it has all of them made again.
how := $(call stamps-of,$(addprefix $(srctree)/scripts/,rules.mk fixdep.awk))
tools-cc := $(call identity,$(CC) as) $(how)
tools-nasm := $(call identity,$(NASM)) $(how)
tools-offsets := $(tools-cc)
tools-ld := $(call identity,$(LD))
tools-symbols := $(call identity,$(NM))

# --- objects, from the folders' makefiles -----------------------------------------------------

# $(call folder,path/): objects of the folder and of those below it.
define folder
obj-y :=
dir-y :=
nosan-y :=
include $(srctree)/$(1)Makefile
objects += $$(addprefix $(1),$$(obj-y))
nosan += $$(addprefix $(1),$$(nosan-y))
folders-$(1) := $$(patsubst %,$(1)%/,$$(dir-y))
$$(foreach sub,$$(folders-$(1)),$$(eval $$(call folder,$$(sub))))
endef

objects :=
nosan :=
$(foreach room,$(patsubst %,%/,$(rooms:arch=arch/x86_64)),$(eval $(call folder,$(room))))
objects += include/generated/config_text.o
objects += $(if $(CONFIG_CONSOLE_FRAMEBUFFER),include/generated/font.o)

ifeq ($(dry),)
$(shell mkdir -p $(sort $(dir $(objects))) boot)
endif

$(filter-out $(nosan),$(objects)): private sanitize := $(SANFLAGS)

-include $(objects:.o=.o.d) $(wildcard *.cmd)

# --- rules ------------------------------------------------------------------------------------

quiet-cc = CC      $(@)
cmd-cc = $(CCACHE) $(CC) $(CFLAGS) $(sanitize) -MMD -MF $@.dep -c -o $@ $<

# NASM looks up its input's real folder and writes that into the object, different on each machine.
# A file that has no name any more has no folder. While it assembles it would say only that file as
# what it read, so it is asked for the files before.
quiet-nasm = NASM    $(@)
cmd-nasm = $(NASM) $(NASMFLAGS) -M -MQ $@ $< >$@.dep; \
	{ echo '%line 0+1 $<'; cat $<; } >$@.asm; \
	{ rm $@.asm; $(NASM) $(NASMFLAGS) -o $@ /dev/stdin; } <$@.asm

generated := include/generated/config_text.o include/generated/font.o symbols.o symbols-empty.o
assembled := $(patsubst $(srctree)/%.asm,%.o,$(wildcard $(objects:%.o=$(srctree)/%.asm)))

$(filter-out $(assembled) $(generated),$(objects)): %.o: $(srctree)/%.c FORCE
	$(call if-changed-dep,cc)
$(generated): private CFLAGS += -I$(srctree)/kernel/debug -I$(srctree)/drivers
$(generated): %.o: %.c FORCE
	$(call if-changed-dep,cc)
$(assembled): %.o: $(srctree)/%.asm FORCE | include/generated/offsets.inc
	$(call if-changed-dep,nasm)

$(objects) $(generated): | include/config/synced.mk

# Offsets of structures for NASM: offsets.c says them to the assembler, sed turns that round. Where
# they are what they were, nothing is assembled again.
quiet-offsets = OFFSETS $(@)
cmd-offsets = $(CC) $(CFLAGS) -MMD -MF $@.dep -MT $@ -S -o $@.s $<; \
	sed -n 's/.*->\([A-Za-z0-9_]*\) \$$*\([-0-9]*\).*/%define \1 \2/p' $@.s >$@.new; \
	cmp -s $@.new $@ || cp $@.new $@; rm $@.s $@.new

include/generated/offsets.inc: $(srctree)/arch/x86_64/offsets.c FORCE | include/config/synced.mk
	$(call if-changed-dep,offsets)
-include include/generated/offsets.inc.d

# The screen's fonts, in the order of their sizes.
fonts := $(patsubst %,/usr/share/consolefonts/Uni2-Terminus%.psf.gz,16 32x16)
tools-font := $(if $(CONFIG_CONSOLE_FRAMEBUFFER),$(shell cksum $(fonts) 2>/dev/null | tr ' \n' --))
quiet-font = FONT    $(@)
cmd-font = $(PYTHON) -B $< $(fonts) >$@

include/generated/font.c: $(srctree)/scripts/font.py FORCE
	$(call if-changed,font)
-include include/generated/font.c.cmd

# --- link -------------------------------------------------------------------------------------

# The table of function names is made from a first link in which it is empty. It stands behind the
# text, so the functions' addresses are the same in both.
quiet-ld = LD      $(@)
cmd-ld = $(LD) $(LDFLAGS) -T $(srctree)/arch/x86_64/kernel.ld -o $@ $(filter %.o,$^)

quiet-symbols = SYMBOLS $(@)
cmd-symbols = $(NM) -n $(filter %.elf,$^) | $(PYTHON) -B $(srctree)/scripts/symbols.py >$@

quiet-no-symbols = SYMBOLS $(@)
cmd-no-symbols = $(PYTHON) -B $< </dev/null >$@

symbols-empty.c: $(srctree)/scripts/symbols.py FORCE
	$(call if-changed,no-symbols)
symbols.c: facet-unnamed.elf $(srctree)/scripts/symbols.py FORCE
	$(call if-changed,symbols)
-include symbols-empty.o.d symbols.o.d

# LINK_SEED=N links the objects in another order: a measurement in time is repeated so, that no
# configuration wins by where its code happens to lie.
in-link-order := $(if $(LINK_SEED),$(shell printf '%s\n' $(objects) | \
	LC_ALL=C sort -R --random-source=<(yes '$(LINK_SEED)')),$(objects))

facet-unnamed.elf: $(in-link-order) symbols-empty.o $(srctree)/arch/x86_64/kernel.ld FORCE
	$(call if-changed,ld)
facet.elf: $(in-link-order) symbols.o $(srctree)/arch/x86_64/kernel.ld FORCE
	$(call if-changed,ld)

# --- user programs and the root archive -------------------------------------------------------

# Built by a make of their own, for several build folders may share them.
$(U)/list: FORCE
	@+$(if $(dry),[ ! -e $(U)/list ] ||,\
		ln -sfn $$(readlink source) $(U)/source && flock $(U)/.lock) \
		$(MAKE) -C $(U) -f source/usr/Makefile srctree=source list

# A program of the machine that builds is known like the tools.
busybox-lists := $(if $(CONFIG_USER_BUSYBOX),busybox.list)
tools-busybox := $(if $(CONFIG_USER_BUSYBOX),$(call identity,/bin/busybox))
tools-cpio := $(tools-busybox)

quiet-busybox = LIST    $(@)
cmd-busybox = $(PYTHON) -B $< /bin/busybox >$@

busybox.list: $(srctree)/scripts/busybox.py FORCE
	$(call if-changed,busybox)

quiet-cpio = CPIO    $(@)
cmd-cpio = $(PYTHON) -B $(srctree)/scripts/mkcpio.py -o $@ \
	$(if $(CONFIG_USER_TESTS),,--without /tests) $(U)/list $(busybox-lists)

root.cpio: $(U)/list $(busybox-lists) $(srctree)/scripts/mkcpio.py FORCE
	$(call if-changed,cpio)

$(filter init/programs/archive.o,$(objects)): root.cpio

# --- the other targets ------------------------------------------------------------------------

include $(srctree)/scripts/targets.mk
