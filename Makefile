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

# Both end lists and targets of make's: no path can be built in that has a space or a colon.
separated = $(filter-out 0 1,$(words $(1)))$(findstring :,$(1))
ifneq ($(call separated,$(srctree)),)
$(error The source folder cannot contain spaces or colons: $(srctree))
endif
ifneq ($(call separated,$(O))$(call separated,$(U)),)
$(error O= and U= cannot contain spaces or colons: $(O) $(U))
endif

# The build folder, and the folder of the user programs: these depend on no option of the kernel, so
# all build folders below build/ share it.
O ?= $(srctree)/build
override O := $(abspath $(O))
U ?= $(if $(filter $(srctree)/build/%,$(O)),$(srctree)/build,$(O))/usr
override U := $(abspath $(U))

# The source tree cleaned as a build folder would be gone.
ifneq ($(filter $(O:/=)/%,$(srctree)/x),)
$(error The build folder may be neither the source tree nor above it ($(O)))
endif

goals := $(or $(MAKECMDGOALS),all)

# kconfiglib is Debian's, and another python3 may come first on the path. Looked for when it is
# first needed, for `setup` may have to install it.
ifeq ($(origin PYTHON),undefined)
PYTHON = $(eval PYTHON := $(shell $(srctree)/scripts/python))$(PYTHON)
endif

# A word that could be the name of a file is left to the build.
named := $(foreach goal,$(filter-out all setup help %_defconfig,$(goals)),\
	$(if $(findstring .,$(goal))$(findstring /,$(goal)),,$(goal)))
unknown := $(if $(strip $(named)),$(shell python3 -B $(srctree)/scripts/goals.py $(named)))
ifneq ($(unknown),)
$(error $(unknown) `make help` lists all)
endif

clean-goals := $(filter clean mrproper distclean,$(goals))
tree-goals := $(filter test lint compare compare-list docs check-docs diffconfig list-defconfigs \
	perf-check perf-update $(if $(A)$(B),size),$(goals))
config-goals := $(filter-out $(tree-goals),$(filter %config,$(goals)))
build-goals := $(filter-out $(config-goals) $(clean-goals) $(tree-goals) setup help,$(goals))

# `make CONFIG_X=value`: after the other configuration goals, so that it holds.
assignments := $(foreach name,$(sort $(filter CONFIG_%,$(.VARIABLES))),\
	$(if $(filter command,$(origin $(name))),'$(name)=$(subst ','\'',$($(name)))'))

Q := $(if $(filter-out 0,$(V)),,@)
silent = $(if $(findstring s,$(filter-out -%,$(firstword $(MAKEFLAGS)))),--quiet)
kconfig = cd $(O) && $(PYTHON) -B $(srctree)/scripts/kconfig.py --source $(srctree) \
	--from $(CURDIR) $(silent)

.PHONY: $(goals) prepare configure build
$(sort $(config-goals) $(build-goals)): build ; @:

prepare: $(filter setup,$(goals)) $(clean-goals)

configure: prepare
ifneq ($(strip $(config-goals)$(assignments)),)
	@+mkdir -p $(O)
	$(Q)$(kconfig) $(config-goals) $(assignments)
endif

# One make at a time in a build folder. What runs for long gives the lock back (scripts/targets.mk).
locked = exec 9>>$(O)/.lock && { flock -n 9 || \
	{ echo 'Another make is at work in $(O): waiting for it.' >&2; flock 9; }; };

# Without -j from the user, one job a processor.
jobs = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

build: configure
ifneq ($(build-goals),)
	@+mkdir -p $(O) $(U) && ln -sfn $(srctree) $(O)/source
	@+$(locked) $(MAKE) $(jobs) -C $(O) -f source/scripts/build.mk \
		srctree=source O=$(O) U=$(U) PYTHON=$(PYTHON) $(build-goals)
endif

# The tests build their shapes themselves, below build/test. They and the pages are about the whole
# tree, not about one configuration.
test: build
	@FACET_SHAPE='$(SHAPE)' $(srctree)/scripts/test $(if $(T),-k '$(T)')
docs = PYTHONPATH=$(srctree)/scripts $(PYTHON) -B -m docs
docs: build
	@$(docs) $(srctree)
lint: build
	@PYTHONPATH=$(srctree)/scripts $(PYTHON) -B -m lint $(if $(L),--only '$(L)') $(srctree)
check-docs: build
	@$(docs) --check $(srctree)

# The sixteen shapes of qemu_defconfig, whatever is configured here; 77: nothing to compare with.
perf-check perf-update: build
	@+$(MAKE) O=$(O)/perf U=$(U) qemu_defconfig shapes
	@PYTHONPATH=$(srctree)/scripts $(PYTHON) -B -m perf $(@:perf-%=%) --shapes $(O)/perf/shapes \
		--programs $(U) --work $(O)/perf/recorded || [ $$? = 77 ]

# Of two builds that are there. Without A and B it is about this one: scripts/targets.mk.
ifneq ($(A)$(B),)
size: build
	@$(PYTHON) -B $(srctree)/scripts/size.py $(or $(A),$(O)) $(or $(B),$(O))
endif

# The words that scripts/compare/request.py knows; of the environment none counts.
compare-words := A B CHOICE OPT BASE WITH BENCH MODE ROUNDS SEED OUT JOBS HOSTS BASELINE GATE ACCEL
compare-python = PYTHONPATH=$(srctree)/scripts $(PYTHON) -B -m compare
compare: build
	@+$(compare-python) $(srctree) $(foreach word,$(compare-words),$(if $(filter command,\
		$(origin $(word))),'$(word)=$(subst ','\'',$($(word)))'))
compare-list: build
	@$(compare-python).listing $(srctree)

# Between .config.old and .config of the build folder, unless two are named.
diffconfig: configure
	@KBUILD_OUTPUT=$(O) $(srctree)/scripts/diffconfig $(A) $(B)

setup:
	@$(srctree)/scripts/setup

# A build folder is known by what only a build leaves in it. Build folders below it are left alone,
# but not the tests', which have no configuration that anybody wrote.
config-file := $(or $(KCONFIG_CONFIG),.config)
clean: $(filter setup,$(goals))
	@if [ -e $(O)/include/config/auto.conf ]; then \
		cd $(O) && find . -mindepth 1 -maxdepth 1 ! -name '.config*' ! -name defconfig \
			! -path './$(config-file)*' \
			! -exec test -e {}/.config \; -exec rm -rf {} +; \
	fi

# The configuration too. Of a folder elsewhere only what came from here is removed.
mrproper: clean
	@if [ $(O) = $(srctree)/build ]; then rm -rf $(O); \
	elif [ -f $(O)/$(notdir $(config-file)) ]; then \
		cd $(O) && rm -f defconfig $(config-file) $(config-file).old && \
			rmdir --ignore-fail-on-non-empty $(O); \
	fi

# And what editors, patch and indexers leave between the sources.
distclean: mrproper
	@find $(srctree) \( -name .git -o -path $(srctree)/build \) -prune -o -type f \( \
		-name '*.orig' -o -name '*.rej' -o -name '*~' -o -name '*.bak' -o -name '#*#' \
		-o -name '*%' -o -name 'core' \) -exec rm -f {} +
	@find $(srctree) \( -name .git -o -path $(srctree)/build \) -prune -o \
		\( -name __pycache__ -o -name .pytest_cache \) -prune -exec rm -rf {} +
	@cd $(srctree) && rm -f tags TAGS cscope* GPATH GTAGS GRTAGS GSYMS

define list-defconfigs
@cd $(srctree)/configs && for file in *_defconfig; do \
	printf '  %-22s %s\n' $$file "$$(sed -n '1s/^# //p' $$file)"; done
endef

list-defconfigs:
	$(list-defconfigs)

help:
	@cat $(srctree)/scripts/help.txt
	@echo; echo 'Whole products:'
	$(list-defconfigs)
	@echo; echo 'Fragments, merged onto the current configuration:'
	@cd $(srctree)/configs && printf '  %s\n' *.config
