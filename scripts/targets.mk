# Targets beside the kernel itself: images, running, checks.

.PHONY: check size run run-iso debug symbolize iso

# --- images and running -----------------------------------------------------------------------

iso: facet.iso
initrd := $(if $(CONFIG_PROGRAMS_INITRD),root.cpio)

facet.iso: facet.elf root.cpio $(srctree)/scripts/image
	@echo '  ISO     $@'
	$(Q)$(srctree)/scripts/image $@ facet.elf $(initrd)

run: facet.elf root.cpio
	@+exec $(srctree)/scripts/qemu direct facet.elf $(initrd)

run-iso: facet.iso
	@+exec $(srctree)/scripts/qemu iso facet.iso

debug: facet.elf root.cpio
	@+exec $(srctree)/scripts/qemu debug facet.elf $(initrd)

symbolize: facet.elf
	@$(PYTHON) -B $(srctree)/scripts/symbolize.py facet.elf

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
