# The configuration of a build folder in every combination of the choices' members, one build folder
# each: O/shapes/NAME. The members are read off the fragments in configs/.

choices := sched fork timer programs
members = $(sort $(patsubst $(srctree)/configs/$(1)-%.config,%,\
	$(wildcard $(srctree)/configs/$(1)-*.config)))
join-each = $(foreach left,$(1),$(foreach right,$(2),$(left)-$(right)))
shapes := $(call members,$(firstword $(choices)))
$(foreach choice,$(wordlist 2,9,$(choices)),\
	$(eval shapes := $(call join-each,$(shapes),$(call members,$(choice)))))

.PHONY: all $(shapes)
all: $(shapes)

# rr-cow-lapic-embedded: sched-rr.config fork-cow.config timer-lapic.config programs-embedded.config
fragments = $(join $(addsuffix -,$(choices)),$(addsuffix .config,$(subst -, ,$(1))))

# The lines of several builds at once say nothing: each shape has one. KCONFIG_CONFIG named what is
# copied; passed on, it would name a file that is not there, or one that all shapes write.
$(shapes):
	@echo '  SHAPE   $@'
	@mkdir -p $(O)/shapes/$@ && cp $(config) $(O)/shapes/$@/.config
	@+$(MAKE) -s -C $(srctree) O=$(O)/shapes/$@ U=$(U) KCONFIG_CONFIG= \
		$(call fragments,$@) all >/dev/null
