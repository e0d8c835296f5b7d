# What the kernel's and the programs' builds have in common: quiet commands, rebuilding when what a
# target was made of changed, the compiler's cache.

# -s: not even the short lines. V=1: the commands themselves.
silent := $(findstring s,$(firstword -$(MAKEFLAGS)))
Q := $(if $(filter-out 0,$(V)),,@)

# -n and -q write nothing. Make itself sees to the recipes, not to what is done while it reads.
dry := $(strip $(foreach flag,n q,$(findstring $(flag),$(firstword -$(MAKEFLAGS)))))

# The source is reached by a link in the build folder, and all names are relative to that. So no
# path of this machine gets into an object, a command is the same in any folder, and one cache
# serves all of them; ccache need only leave the current directory out of its key. Without a folder
# that it can write to it would fail.
CCACHE := $(shell folder=$$(ccache -k cache_dir 2>/dev/null) && \
	mkdir -p "$$folder" 2>/dev/null && [ -w "$$folder" ] && command -v ccache)
export CCACHE_NOHASHDIR := 1
prefix-maps := -ffile-prefix-map=$(srctree)/= -ffile-prefix-map=$(CURDIR)=.

squote := '
hash := \#
shell-quote = '$(subst $(squote),'\$(squote)',$(1))'
make-quote = $(subst $(hash),\$(hash),$(subst $$,$$$$,$(1)))

# Empty where two texts are equal.
differs = $(subst <$(1)>,,<$(2)>)$(subst <$(2)>,,<$(1)>)

# A pipe fails where any of it fails. A command of several steps has them apart by semicolons, for
# the shell's -e, under which they run, passes over what fails in front of a &&. (With .SHELLFLAGS
# make would start a shell for each target that has nothing to do.)
strict = set -eo pipefail

# --- what a target was made of ----------------------------------------------------------------

# "Newer than the target" misses a file that an older one took the place of, one that was saved
# while the compiler read it, and everything once the clock has been set back. So each file of the
# source and each option's marker is known by its time, size and inode number, as NAME@IDENTITY, and
# a target keeps those that it was made of. They are taken once, before anything is built: what
# changes later is seen by the next make.
#
# $(call take-stamps,files and folders)
take-stamps = $(shell find -L $(1) -type f -printf '%p@%T@-%s-%i\n' 2>/dev/null \
	$(if $(dry),,| tee .stamps))
stamps-of = $(filter $(addsuffix @%,$(1)),$(stamps))

# $(call identity,tools): changes with the tools; their packages bring headers and libraries too.
identity = $(shell { $(foreach tool,$(1),$(tool) --version; \
	stat -Lc '%Y %s' "$$(command -v $(firstword $(tool)))";) } 2>&1 | cksum | tr ' ' -)

# A target is made again when its command, the tools or what it was made of is not what it was, when
# a marker appeared that was not there, or when a prerequisite that is built was built anew.
command = $(strip $(cmd-$(1)))
inputs = $(call stamps-of,$(filter $(srctree)/%,$^))
stale-common = $(if $(wildcard $@),,x)$(call differs,$(command),$(made-$@)) \
	$(call differs,$(strip $(tools-$(1))),$(with-$@)) $(filter-out FORCE $(srctree)/%,$?)
stale = $(strip $(stale-common)$(call differs,$(inputs),$(inputs-$@)))
stale-dep = $(strip $(stale-common)$(filter-out $(stamps),$(inputs-$@))$(wildcard $(absent-$@)))
show = $(if $(silent),,echo $(call shell-quote,$(if $(Q),  $(quiet-$(1)),$(command)));)
keep = printf '%s\n' $(call shell-quote,made-$@ := $(call make-quote,$(command))) \
	'with-$@ := $(strip $(tools-$(1)))'

# What is kept is emptied first and put in place last: a build that was killed in between, however
# hard, is begun anew.
#
# $(call if-changed,name) runs cmd-name; $@.cmd keeps what it was made of.
if-changed = $(if $(stale),@$(strict); $(show) : >$@.cmd; $(command); \
	{ $(keep); echo 'inputs-$@ := $(inputs)'; } >$@.cmd.new; mv $@.cmd.new $@.cmd,@:)

# $(call if-changed-dep,name): the same for a compiler that writes $@.dep. $@.d also says which
# files it read, with the options' markers in place of autoconf.h.
if-changed-dep = $(if $(stale-dep),@$(strict); $(show) : >$@.d; $(command); \
	{ $(keep); awk -v target=$@ -f $(srctree)/scripts/fixdep.awk .stamps $@.dep; } >$@.d.new; \
	mv $@.d.new $@.d; rm $@.dep,@:)
