# The configuration of a build folder in every combination of the choices' members, one build folder
# each: O/shapes/NAME.

PYTHON ?= $(shell $(srctree)/scripts/python)

# rr-cow-lapic-embedded=sched-rr.config,fork-cow.config,timer-lapic.config,programs-embedded.config
combinations := $(shell $(PYTHON) -B $(srctree)/scripts/policies.py $(srctree))
ifeq ($(combinations),)
$(error There is no shape: policies.py found none)
endif
shapes := $(foreach shape,$(combinations),$(firstword $(subst =, ,$(shape))))
comma := ,
fragments = $(subst $(comma), ,$(patsubst $(1)=%,%,$(filter $(1)=%,$(combinations))))

.PHONY: all $(shapes)
all: $(shapes)

# The lines of several builds at once say nothing: each shape has one. KCONFIG_CONFIG named what is
# copied; passed on, it would name a file that is not there, or one that all shapes write.
$(shapes):
	@echo '  SHAPE   $@'
	@mkdir -p $(O)/shapes/$@ && cp $(config) $(O)/shapes/$@/.config
	@+$(MAKE) -s -C $(srctree) O=$(O)/shapes/$@ U=$(U) KCONFIG_CONFIG= \
		$(call fragments,$@) all >/dev/null
