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

# A path stands in make's lists and rules and in the shell's commands: what either of them takes for
# more than a letter can be in none.
special := : ; & ' ( ) * ? $$ ` " < > | \ [ ] { } ! ^ % \#
unfit = $(strip $(filter-out 0 1,$(words $(1)))\
	$(foreach sign,$(special),$(findstring $(sign),$(1))))
ifneq ($(call unfit,$(srctree)),)
$(error The source folder cannot contain spaces or any of $(special) ($(srctree)))
endif
ifneq ($(call unfit,$(value O))$(call unfit,$(value U)),)
$(error O= and U= cannot contain spaces or any of $(special) ($(value O) $(value U)))
endif
named-empty = $(if $(filter undefined,$(origin $(1))),,$(if $(value $(1)),,$(1)))
ifneq ($(call named-empty,O)$(call named-empty,U),)
$(error O= and U= cannot be empty: they name folders)
endif

# The build folder, and the folder of the user programs: these depend on no option of the kernel, so
# all build folders below build/ share it.
O ?= $(srctree)/build
override O := $(abspath $(O))
U ?= $(if $(filter $(srctree)/build/%,$(O)),$(srctree)/build,$(O))/usr
override U := $(abspath $(U))

# Among the sources a build would be taken for one of them. Symbolic links lead there too.
real = $(or $(realpath $(1)),$(addsuffix /$(notdir $(1)),$(realpath $(dir $(1)))),$(1))
tree := $(realpath $(srctree))
astray = $(strip $(filter $(1:/=)/%,$(tree)/x)$(if $(filter $(tree)/build $(tree)/build/%,$(1)),,\
	$(filter $(tree)/%,$(1))))
ifneq ($(call astray,$(call real,$(O)))$(call astray,$(call real,$(U))),)
$(error O= and U= may name neither the source tree, nor a folder above it, nor one in it that is \
	not build/ or below it ($(O) $(U)))
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
unknown := $(if $(strip $(named)),$(shell $(PYTHON) -B $(srctree)/scripts/goals.py $(named)))
ifneq ($(unknown),)
$(error $(unknown) `make help` lists all)
endif

clean-goals := $(filter clean mrproper distclean,$(goals))
tree-goals := $(filter test test-machines lint compare compare-list docs check-docs diffconfig \
	list-defconfigs perf-check perf-update $(if $(A)$(B),size),$(goals))
config-goals := $(filter-out $(tree-goals),$(filter %config,$(goals)))
build-goals := $(filter-out $(config-goals) $(clean-goals) $(tree-goals) setup help,$(goals))

# `make CONFIG_X=value`: after the other configuration goals, so that it holds.
assigned := $(strip $(foreach name,$(sort $(filter CONFIG_%,$(.VARIABLES))),\
	$(if $(filter command,$(origin $(name))),$(name))))
assignments := $(foreach name,$(assigned),'$(name)=$(subst ','\'',$($(name)))')
regardless := $(or $(filter-out diffconfig,$(tree-goals)),\
	$(if $(filter diffconfig,$(goals))$(config-goals)$(build-goals),,$(goals)))
ifneq ($(and $(assigned),$(regardless)),)
$(error $(assigned) of the command line would make no difference to: $(regardless))
endif

Q := $(if $(filter-out 0,$(V)),,@)
silent = $(if $(findstring s,$(filter-out -%,$(firstword $(MAKEFLAGS)))),--quiet)
kconfig = cd $(O) && $(PYTHON) -B $(srctree)/scripts/kconfig.py --source $(srctree) \
	--from $(CURDIR) $(silent)

.PHONY: $(goals) prepare configure build
$(sort $(config-goals) $(build-goals)): build ; @:

prepare: $(filter setup,$(goals)) $(clean-goals)

configure: prepare
ifneq ($(strip $(config-goals)$(assignments)),)
	$(Q)$(locked) $(kconfig) $(config-goals) $(assignments)
endif

# One make at a time in a build folder. What runs for long gives the lock back (scripts/targets.mk).
# `make clean` removes the file that is locked: who waited for that one begins anew.
locked = until mkdir -p $(O) && exec 9>>$(O)/.lock || exit; \
	flock -n 9 || { echo 'Another make is at work in $(O): waiting for it.' >&2; flock 9; }; \
	[ $(O)/.lock -ef /dev/fd/9 ]; do :; done;

# Without -j from the user, one job a processor.
jobs = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

# Without this each would be missed in the middle of a build, in the shell's words.
equipped = for tool in flock nasm gcc ld nm musl-gcc; do type -P $$tool >/dev/null || { \
	echo "$$tool is missing: \"make setup\" installs it." >&2; exit 1; }; done;

# With -n and -q nothing may be written; of a folder without a build there is nothing to say then.
dry := $(strip $(foreach flag,n q,$(findstring $(flag),$(filter-out -%,$(firstword $(MAKEFLAGS))))))
enter = $(if $(dry),[ ! -e $(O)/include/config/synced.mk ] ||,\
	$(equipped) $(locked) mkdir -p $(U) && ln -sfn $(srctree) $(O)/source &&)

build: configure
ifneq ($(build-goals),)
	@+$(enter) $(MAKE) $(jobs) -C $(O) -f source/scripts/build.mk \
		srctree=source O=$(O) U=$(U) PYTHON=$(PYTHON) $(build-goals)
endif

# The tests build their shapes themselves, below build/test. They and the pages are about the whole
# tree, not about one configuration.
test: build
	@FACET_SHAPE='$(SHAPE)' $(srctree)/scripts/test $(if $(T),-k '$(T)')
test-machines: build
	@$(srctree)/scripts/test tests/machines $(if $(T),-k '$(T)')
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
	@PYTHONPATH=$(srctree)/scripts $(PYTHON) -B -m perf $(@:perf-%=%) \
		--shapes $(O)/perf/shapes --programs $(U) --work $(O)/perf/recorded || [ $$? = 77 ]

# Of two builds that are there. Without A and B it is about this one: scripts/targets.mk.
ifneq ($(A)$(B),)
size: build
	@$(PYTHON) -B $(srctree)/scripts/size.py $(or $(A),$(O)) $(or $(B),$(O))
endif

# The words that scripts/compare/request.py knows; of the environment none counts. It is told the
# names of all others, one of which may be misspelt.
compare-words := A B CHOICE OPT BASE WITH BENCH MODE ROUNDS SEED OUT JOBS HOSTS BASELINE GATE ACCEL
compare-others = $(foreach word,$(.VARIABLES),$(if $(filter command,$(origin $(word))),$(word)))
compare-python = PYTHONPATH=$(srctree)/scripts $(PYTHON) -B -m compare
compare: build
	@+$(compare-python) $(srctree) $(compare-others) \
		$(foreach word,$(compare-words),$(if $(filter command,$(origin $(word))),\
		'$(word)=$(subst ','\'',$($(word)))'))
compare-list: build
	@$(compare-python).listing $(srctree)

# Between .config.old and .config of the build folder, or between it and what is named.
diffconfig: configure
	@KBUILD_OUTPUT=$(O) $(srctree)/scripts/diffconfig \
		$(if $(A)$(B),$(or $(A),$(O)) $(or $(B),$(O)))

setup:
	@$(srctree)/scripts/setup

config-file := $(or $(KCONFIG_CONFIG),.config)
clean: $(filter setup,$(goals))
	@if [ -d $(O) ]; then $(locked) $(srctree)/scripts/clean $(O); fi
	$(if $(filter $(O),$(srctree)/build),@rm -rf $(O)/test)

# The configuration too.
mrproper: clean
	@if [ -d $(O) ]; then $(locked) $(srctree)/scripts/clean -c '$(config-file)' $(O); fi

# And what editors, patch and indexers leave between the sources.
distclean: mrproper
	$(if $(filter $(O),$(srctree)/build),@rm -rf $(O))
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
