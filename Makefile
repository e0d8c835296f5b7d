# Facet: targets and flags. `make help` lists them.
#
# This file sorts out the goals: first setup, then the configuration in the order given, then
# everything else in one non-recursive build (scripts/build.mk), which runs in the build folder so
# that no path of it gets into an object. So `make setup run` and
# `make qemu_defconfig fork-cow.config all` are each one command.

MAKEFLAGS += --no-print-directory -rR
.SUFFIXES:

SHELL := /bin/bash
srctree := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))

ifneq ($(words $(srctree)),1)
$(error The source tree's path has a space in it ($(srctree)); make cannot build there)
endif
ifneq ($(words $(O)),$(if $(O),1,0))
$(error The build folder's path has a space in it ($(O)); make cannot build there)
endif

# The build folder, and the folder of the user programs: these depend on no option of the kernel, so
# all build folders below build/ share it.
O ?= $(srctree)/build
override O := $(abspath $(O))
U ?= $(if $(filter $(srctree)/build/%,$(O)),$(srctree)/build,$(O))/usr
override U := $(abspath $(U))

goals := $(or $(MAKECMDGOALS),all)

config-commands := menuconfig oldconfig olddefconfig savedefconfig \
	alldefconfig allnoconfig allyesconfig randconfig
config-goals := $(filter $(config-commands) defconfig %_defconfig %.config,$(goals))
clean-goals := $(filter clean mrproper,$(goals))
tree-goals := $(filter test docs check-docs,$(goals))
build-goals := $(filter-out $(config-goals) $(clean-goals) $(tree-goals) setup help,$(goals))

# kconfiglib is Debian's, and another python3 may come first on the path. Looked for when it is
# first needed, for `setup` may have to install it.
ifeq ($(origin PYTHON),undefined)
PYTHON = $(eval PYTHON := $(shell $(srctree)/scripts/python))$(PYTHON)
endif
kconfig = cd $(O) && $(PYTHON) -B $(srctree)/scripts/kconfig.py --source $(srctree)

# Defconfigs and fragments are merged in one go, in the order of the command line.
merge := $(patsubst defconfig,qemu_defconfig,$(filter-out $(config-commands),$(config-goals)))
config-asked := $(filter $(config-commands),$(config-goals))

.PHONY: $(goals) prepare configure build
$(sort $(config-goals) $(build-goals)): build ; @:

prepare: $(filter setup,$(goals)) $(clean-goals)

configure: prepare
ifneq ($(config-goals),)
	@mkdir -p $(O)
	$(if $(merge),@$(kconfig) merge $(merge))
	$(foreach command,$(config-asked),@$(kconfig) $(command)$(newline))
endif

# Without -j from the user, one job a processor.
jobs = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

build: configure
ifneq ($(build-goals),)
	@mkdir -p $(O) $(U)
	@+$(MAKE) $(jobs) -C $(O) -f $(srctree)/scripts/build.mk \
		srctree=$(srctree) O=$(O) U=$(U) PYTHON=$(PYTHON) $(build-goals)
endif

# The tests build their shapes themselves, below build/test. They and the pages are about the whole
# tree, not about one configuration.
test: build
	@FACET_SHAPE='$(SHAPE)' $(srctree)/scripts/test $(if $(T),-k '$(T)')
docs: build
	@$(PYTHON) -B $(srctree)/scripts/docs.py $(srctree)
check-docs: build
	@$(PYTHON) -B $(srctree)/scripts/docs.py --check $(srctree)

define newline


endef

setup:
	@$(srctree)/scripts/setup

# A build folder is known by what only a build leaves in it. Build folders below it are left alone,
# but not the tests', which have no configuration that anybody wrote.
clean: $(filter setup,$(goals))
	@if [ -e $(O)/include/config/auto.conf ]; then \
		cd $(O) && find . -mindepth 1 -maxdepth 1 ! -name '.config*' ! -name defconfig \
			! -exec test -e {}/.config \; -exec rm -rf {} +; \
	fi

# The whole build folder, with those below it.
mrproper: $(filter setup clean,$(goals))
	@if [ -e $(O)/.config ] || [ -e $(O)/include/config/auto.conf ] || \
	    [ $(O) = $(srctree)/build ]; then rm -rf $(O); fi

help:
	@cat $(srctree)/scripts/help.txt
	@echo; echo 'Whole products:'
	@cd $(srctree)/configs && for file in *_defconfig; do \
		printf '  %-22s %s\n' $$file "$$(sed -n '1s/^# //p' $$file)"; done
	@echo; echo 'Fragments, merged onto the current configuration:'
	@cd $(srctree)/configs && printf '  %s\n' *.config
