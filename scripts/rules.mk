# What the kernel's and the programs' builds have in common: quiet commands, rebuilding when a
# command changed, the compiler's cache.

Q := $(if $(filter-out 0,$(V)),,@)

# Compiling in the build folder with its name mapped away gives the same object in any folder, so
# one cache serves all of them; ccache need only leave the current directory out of its key.
CCACHE := $(shell command -v ccache 2>/dev/null)
export CCACHE_NOHASHDIR := 1
prefix-maps := -ffile-prefix-map=$(srctree)/= -ffile-prefix-map=$(CURDIR)=.

squote := '
hash := \#
shell-quote = '$(subst $(squote),'\$(squote)',$(1))'
make-quote = $(subst $(hash),\$(hash),$(subst $$,$$$$,$(1)))

# Empty where two texts are equal.
differs = $(subst <$(1)>,,<$(2)>)

# A target is made again when a prerequisite is newer or missing, or when its command is not the
# one that made it: that one is kept beside the target, as the make variable made-TARGET.
command = $(strip $(cmd-$(1)))
stale = $(strip $(filter-out FORCE,$?)$(if $(wildcard $@),,x)$(call differs,$(command),$(made-$@)))
show = echo $(call shell-quote,$(if $(Q),  $(quiet-$(1)),$(command)))
keep = printf '%s\n' $(call shell-quote,made-$@ := $(call make-quote,$(command)))

# $(call if-changed,name) runs cmd-name; $@.cmd keeps the command.
if-changed = $(if $(stale),@set -e; $(show); $(command); $(keep) >$@.cmd,@:)

# $(call if-changed-dep,name): the same for a compiler that writes $@.dep. $@.d keeps the command
# and what the target depends on, with the options' markers in place of autoconf.h.
if-changed-dep = $(if $(stale),@set -e; $(show); $(command); \
	{ $(keep); awk -v target=$@ -f $(srctree)/scripts/fixdep.awk $@.dep; } >$@.d; rm $@.dep,@:)
