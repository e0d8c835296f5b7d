# The build itself: runs in the build folder, after the top Makefile has seen to the configuration.
#
# One make for the whole kernel. Each folder's Makefile adds objects to obj-y and subfolders to
# dir-y; objects that must not have sanitizer calls stand in nosan-y as well. An object is rebuilt
# when its command changed, when a file that it includes changed, or when an option that one of
# these files names changed (include/config/*, touched by scripts/kconfig.py).

MAKEFLAGS += -rR
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
SHELL := /bin/bash

.PHONY: all FORCE
all: facet.elf root.cpio

include $(srctree)/scripts/rules.mk

# --- configuration ----------------------------------------------------------------------------

# Options are what auto.conf says: the environment has no part in them, and those on the command
# line have been merged into .config, where they may mean something else than their words (=n).
$(foreach name,$(filter CONFIG_%,$(.VARIABLES)),$(eval override undefine $(name)))

include include/config/auto.conf
-include include/config/files.mk

# By content, for a .config that was moved here, or that KCONFIG_CONFIG names, may be an older file.
config-in-force := $(shell cmp -s '$(or $(KCONFIG_CONFIG),.config)' include/config/dotconfig && echo y)

include/config/auto.conf: $(if $(config-in-force),,FORCE) $(kconfig-files) \
		$(srctree)/scripts/kconfig.py $(wildcard $(srctree)/scripts/configuration/*.py)
	@$(PYTHON) -B $(srctree)/scripts/kconfig.py --source $(srctree) syncconfig

$(kconfig-files): ;
include/generated/autoconf.h include/generated/autoconf.inc include/generated/config_text.c: \
	include/config/auto.conf ;

# --- tools and flags --------------------------------------------------------------------------

CC := gcc
LD := ld
NM := nm
OBJCOPY := objcopy
OBJDUMP := objdump
NASM := nasm

include-flags := -I$(srctree)/include -I$(srctree)/arch/x86_64/include -Iinclude

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
$(foreach room,arch/x86_64/ kernel/ mm/ fs/ drivers/ init/ lib/,$(eval $(call folder,$(room))))
objects += include/generated/config_text.o

$(shell mkdir -p $(sort $(dir $(objects))) boot)

$(filter-out $(nosan),$(objects)): private sanitize := $(SANFLAGS)

-include $(objects:.o=.o.d) $(wildcard *.cmd)

# --- rules ------------------------------------------------------------------------------------

quiet-cc = CC      $(@)
cmd-cc = $(CCACHE) $(CC) $(CFLAGS) $(sanitize) -MMD -MF $@.dep -c -o $@ $<

quiet-nasm = NASM    $(@)
cmd-nasm = $(NASM) $(NASMFLAGS) -MD $@.dep -MQ $@ -o $@ $<

generated := include/generated/config_text.o symbols.o symbols-empty.o
assembled := $(patsubst $(srctree)/%.asm,%.o,$(wildcard $(objects:%.o=$(srctree)/%.asm)))

$(filter-out $(assembled) $(generated),$(objects)): %.o: $(srctree)/%.c FORCE
	$(call if-changed-dep,cc)
$(generated): private CFLAGS += -I$(srctree)/kernel/debug
$(generated): %.o: %.c FORCE
	$(call if-changed-dep,cc)
$(assembled): %.o: $(srctree)/%.asm FORCE | include/generated/offsets.inc
	$(call if-changed-dep,nasm)

$(objects) $(generated): | include/config/auto.conf

# Offsets of structures for NASM: offsets.c says them to the assembler, sed turns that round.
quiet-offsets = OFFSETS $(@)
cmd-offsets = $(CC) $(CFLAGS) -MMD -MF $@.dep -MT $@ -S -o $@.s $< && \
	sed -n 's/.*->\([A-Za-z0-9_]*\) \$$*\([-0-9]*\).*/%define \1 \2/p' $@.s >$@ && rm $@.s

include/generated/offsets.inc: $(srctree)/arch/x86_64/offsets.c FORCE | include/config/auto.conf
	$(call if-changed-dep,offsets)
-include include/generated/offsets.inc.d

# --- link -------------------------------------------------------------------------------------

# The table of function names is made from a first link in which it is empty. It stands behind the
# text, so the functions' addresses are the same in both.
quiet-ld = LD      $(@)
cmd-ld = $(LD) $(LDFLAGS) -T $(srctree)/arch/x86_64/kernel.ld -o $@ $(filter %.o,$^)

quiet-symbols = SYMBOLS $(@)
cmd-symbols = $(NM) -n $(filter %.elf,$^) | $(PYTHON) -B $(srctree)/scripts/symbols.py >$@

symbols-empty.c: $(srctree)/scripts/symbols.py
	$(Q)$(PYTHON) -B $< </dev/null >$@
symbols.c: facet-unnamed.elf $(srctree)/scripts/symbols.py FORCE
	$(call if-changed,symbols)
-include symbols-empty.o.d symbols.o.d

facet-unnamed.elf: $(objects) symbols-empty.o $(srctree)/arch/x86_64/kernel.ld FORCE
	$(call if-changed,ld)
facet.elf: $(objects) symbols.o $(srctree)/arch/x86_64/kernel.ld FORCE
	$(call if-changed,ld)

# --- user programs and the root archive -------------------------------------------------------

# Built by a make of their own, for several build folders may share them.
$(U)/list: FORCE
	@+flock $(U)/.lock $(MAKE) -C $(U) -f $(srctree)/usr/Makefile srctree=$(srctree) Q=$(Q) list

quiet-cpio = CPIO    $(@)
cmd-cpio = $(PYTHON) -B $(srctree)/scripts/mkcpio.py -o $@ \
	$(if $(CONFIG_USER_TESTS),,--without /tests) \
	$(if $(CONFIG_USER_BUSYBOX),--add /bin/busybox=/bin/busybox) $(U)/list

root.cpio: $(U)/list $(srctree)/scripts/mkcpio.py FORCE
	$(call if-changed,cpio)

$(filter init/programs/archive.o,$(objects)): root.cpio

# --- the other targets ------------------------------------------------------------------------

include $(srctree)/scripts/targets.mk
