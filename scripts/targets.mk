# Targets beside the kernel itself: images, running, checks.

.PHONY: check size run run-iso debug symbolize iso

# Long and harmless: the build folder is free for others meanwhile.
unlocked = flock -u 9 2>/dev/null; exec

# --- images and running -----------------------------------------------------------------------

iso: facet.iso
initrd := $(if $(CONFIG_PROGRAMS_INITRD),root.cpio)

quiet-iso = ISO     $(@)
cmd-iso = APPEND=$(call shell-quote,$(APPEND)) $(srctree)/scripts/image $@ facet.elf $(initrd)
tools-iso := $(if $(filter iso facet.iso run-iso,$(MAKECMDGOALS)),\
	$(call identity,grub-mkrescue xorriso))

facet.iso: facet.elf $(initrd) $(srctree)/scripts/image FORCE
	$(call if-changed,iso)

run: facet.elf root.cpio
	@+$(unlocked) $(srctree)/scripts/qemu direct facet.elf $(initrd)

run-iso: facet.iso
	@+$(unlocked) $(srctree)/scripts/qemu iso facet.iso

debug: facet.elf root.cpio
	@+$(unlocked) $(srctree)/scripts/qemu debug facet.elf $(initrd)

symbolize: facet.elf
	@$(unlocked) $(PYTHON) -B $(srctree)/scripts/symbolize.py facet.elf

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
	$(Q)$(OBJDUMP) -d --no-show-raw-insn facet.elf | \
		$(PYTHON) -B $(srctree)/scripts/check/invariants.py

size: facet.elf
	@$(PYTHON) -B $(srctree)/scripts/size.py facet.elf

compile_commands.json: $(objects)
	@echo '  JSON    $@'
	$(Q)cat $(objects:=.d) | $(PYTHON) -B $(srctree)/scripts/compile_commands.py $(srctree) >$@
