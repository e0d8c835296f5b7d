# Targets beside the kernel itself: images, running, checks.

.PHONY: check size run run-iso debug symbolize iso

# Long and harmless: the build folder is free for others meanwhile.
unlocked = flock -u 9 2>/dev/null; exec

# --- images and running -----------------------------------------------------------------------

iso: facet.iso
initrd := $(if $(CONFIG_PROGRAMS_INITRD),root.cpio)

grub-menu = PYTHONPATH=$(srctree)/scripts $(PYTHON) -B -m image_menu $(if $(initrd),--archive)
menu-sources := $(patsubst %,$(srctree)/scripts/image_menu/%,__main__.py grub.cfg.jinja)

quiet-iso = ISO     $(@)
cmd-iso = $(grub-menu) --at-once --append $(call shell-quote,$(APPEND)) facet >$@.menu; \
	$(srctree)/scripts/image $@ $@.menu facet=facet.elf $(initrd); rm $@.menu
tools-iso := $(if $(filter iso facet.iso run-iso,$(MAKECMDGOALS)),\
	$(call identity,grub-mkrescue xorriso))

facet.iso: facet.elf $(initrd) $(srctree)/scripts/image $(menu-sources) FORCE
	$(call if-changed,iso)

# An image of several kernels: each is built below image/, by this configuration, or what CONFIG's
# goals make of it, and all take their programs from the same place, the same ones. `make clean`
# goes by the .cmd files. An older image is there until the new one takes its place, for somebody
# may be booting it; none is left by a make that fails.
.PHONY: image
image: include/config/synced.mk
	@$(strict); export PYTHONPATH=$(srctree)/scripts; \
	trap '[ $$? = 0 ] || rm -f facet.img' EXIT; \
	mkdir -p image; cp $(config) image/.config; \
	$(if $(CONFIG),$(MAKE) -s -C $(srctree) srctree=$(realpath $(srctree)) O=$(O)/image U=$(U) \
		KCONFIG_CONFIG= $(CONFIG);) \
	shapes=$$($(PYTHON) -B -m image_menu.shapes $(srctree) image/.config \
		$(call shell-quote,$(SHAPES))); \
	$(MAKE) -f $(srctree)/scripts/shapes.mk srctree=$(realpath $(srctree)) O=$(O)/image \
		U=$(U) config=$(O)/image/.config shapes="$$shapes"; \
	echo '  IMAGE   facet.img'; \
	archive=; for name in $$shapes; do case $$name in *-initrd) \
		archive=image/shapes/$$name/root.cpio;; esac; done; \
	: >facet.img.cmd; : >image/grub.cfg.cmd; \
	$(PYTHON) -B -m image_menu --append $(call shell-quote,$(APPEND)) $${archive:+--archive} \
		--config image/.config $$shapes >image/grub.cfg; \
	$(srctree)/scripts/image facet.img image/grub.cfg $$archive \
		$$(for name in $$shapes; do echo $$name=image/shapes/$$name/facet.elf; done)

# The image as it is; `make image usb DEV=...` makes it first.
.PHONY: usb
usb: | $(filter image,$(MAKECMDGOALS))
ifeq ($(DEV),)
	@echo 'usb: DEV=/dev/sdX says which stick (lsblk shows them)' >&2; exit 2
else
	@[ -e facet.img ] || { echo 'usb: no facet.img: "make image" makes it' >&2; exit 2; }
	@$(unlocked) $(srctree)/scripts/usb.py facet.img $(call shell-quote,$(DEV))
endif

ifeq ($(USERLAND),)
run: facet.elf root.cpio
	@$(unlocked) $(srctree)/scripts/qemu direct facet.elf $(initrd)
else

# Programs of a distribution come as an initrd, whatever this configuration takes them from; so the
# kernel for them is built in a folder of its own.
known := $(notdir $(basename $(wildcard $(srctree)/scripts/userland/*.list)))
ifeq ($(filter $(known),$(USERLAND)),)
$(error USERLAND=$(USERLAND) is none of: $(known))
endif

quiet-userland = CPIO    $(@)
cmd-userland = $(PYTHON) -B $(srctree)/scripts/mkcpio.py --tree userland/$(USERLAND)/root \
	$(if $(CONFIG_USER_TESTS),,--without /tests) -o $@ $(U)/list

userland/$(USERLAND)/made: FORCE
	@$(srctree)/scripts/userland/$(USERLAND) $(srctree)/scripts/userland/$(USERLAND).list \
		userland/$(USERLAND)
userland/$(USERLAND).cpio: userland/$(USERLAND)/made $(U)/list $(srctree)/scripts/mkcpio.py FORCE
	$(call if-changed,userland)
-include userland/$(USERLAND).cpio.cmd

run: include/config/synced.mk userland/$(USERLAND).cpio
	@mkdir -p userland/kernel && cp $(config) userland/kernel/.config
	@+$(MAKE) -s -C $(srctree) srctree=$(realpath $(srctree)) O=$(O)/userland/kernel U=$(U) \
		KCONFIG_CONFIG= programs-initrd.config all
	@export MEMORY=$(or $(MEMORY),512M); $(unlocked) $(srctree)/scripts/qemu direct \
		userland/kernel/facet.elf userland/$(USERLAND).cpio
endif

run-iso: facet.iso
	@$(unlocked) $(srctree)/scripts/qemu iso facet.iso

debug: facet.elf root.cpio
	@$(unlocked) $(srctree)/scripts/qemu debug facet.elf $(initrd)

symbolize: facet.elf
	@$(unlocked) $(PYTHON) -B $(srctree)/scripts/symbolize.py facet.elf

# --- the event trace --------------------------------------------------------------------------

# What runs is traced by this configuration with CONFIG_TRACE, in a build folder of its own.
comma := ,
traced = $(or $(RUN),$(if $(BENCH),bench $(subst $(comma), ,$(BENCH))))
trace-out = $(if $(OUT),$(if $(filter /%,$(OUT)),,$(realpath $(srctree))/)$(OUT),$(O)/trace.json)

.PHONY: trace
trace: include/config/synced.mk
ifeq ($(traced),)
	@echo 'trace: BENCH=NAME or RUN=COMMAND says what' >&2; exit 2
else
	@mkdir -p trace && cp $(config) trace/.config
	@+$(MAKE) -s -C $(srctree) srctree=$(realpath $(srctree)) O=$(O)/trace U=$(U) \
		KCONFIG_CONFIG= CONFIG_TRACE=y all
	@flock -u 9 2>/dev/null; set -o pipefail; \
	APPEND=$(call shell-quote,$(APPEND) run="trace -b 4096 $(EVENTS:%=-e %) $(traced)") \
	QEMU_ARGS='-icount shift=0,sleep=off -rtc base=2026-01-01,clock=vm $(QEMU_ARGS)' \
	$(srctree)/scripts/qemu direct trace/facet.elf $(initrd:%=trace/%) </dev/null | \
		$(PYTHON) -B $(srctree)/scripts/trace -o $(trace-out)
endif

# --- every combination of the choices ---------------------------------------------------------

# One make for all, so that they share the jobs; each takes the lock of its own folder.
.PHONY: shapes
shapes: include/config/synced.mk
	@+$(unlocked) $(MAKE) -f $(srctree)/scripts/shapes.mk srctree=$(realpath $(srctree)) \
		O=$(O) U=$(U) config=$(config)

# --- checks -----------------------------------------------------------------------------------

check: facet.elf
	@echo '  CHECK   invariants'
	$(Q)$(PYTHON) -B $(srctree)/scripts/check/invariants.py --self-test
	$(Q)$(strict); $(OBJDUMP) -d --no-show-raw-insn facet.elf | \
		$(PYTHON) -B $(srctree)/scripts/check/invariants.py

size: facet.elf
	@$(PYTHON) -B $(srctree)/scripts/size.py facet.elf

compile_commands.json: $(objects)
	@echo '  JSON    $@'
	$(Q)$(strict); cat $(objects:=.d) | \
		$(PYTHON) -B $(srctree)/scripts/compile_commands.py $(srctree) >$@
