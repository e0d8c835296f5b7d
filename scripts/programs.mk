# How user programs are built: runs in the folder of user programs, included by usr/Makefile.

MAKEFLAGS += -rR
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
SHELL := /bin/bash

.PHONY: FORCE
list:

include $(srctree)/scripts/rules.mk

USER_CC := musl-gcc
USER_CFLAGS := -std=gnu17 -Os -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables \
	-Wall -Wextra -Werror $(prefix-maps) -I$(srctree)/usr/include
USER_LDFLAGS := -static -s -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noexecstack

stamps := $(call take-stamps,$(addprefix $(srctree)/,usr lib include scripts))

# The C library is linked into each program. -print-file-name knows nothing of musl-gcc's folder,
# only the linker's command has it.
link-folders := $(patsubst -L%,%,$(filter -L%,$(shell $(USER_CC) -$(hash)$(hash)$(hash) -static \
	-x c /dev/null 2>&1)))
libc := $(shell stat -Lc '%Y-%s' $(firstword $(wildcard $(addsuffix /libc.a,$(link-folders)))))
tools-link := $(call identity,$(sort $(USER_CC) \
	$(foreach v,$(filter cc-%,$(.VARIABLES)),$($(v)))) as ld) $(libc)
tools-cc := $(tools-link) $(call stamps-of,$(addprefix $(srctree)/scripts/,rules.mk fixdep.awk))
tools-ar := $(call identity,ar)

# bin/NAME is made of NAME.o or of all that is in NAME/, tests/NAME of tests/NAME.o.
# Sorted here, for the wildcard's own order is the locale's.
sources-in = $(patsubst $(srctree)/usr/%.c,%.o,$(sort $(wildcard $(srctree)/usr/$(1)/*.c)))
library := $(call sources-in,lib)
large := $(foreach name,$(folders),$(if $(call sources-in,$(name)),bin/$(name)))
objects := $(programs:bin/%=%.o) $(tests:=.o) $(library) \
	$(foreach name,$(folders),$(call sources-in,$(name)))
also := $(foreach alias,$(aliases),bin/$(firstword $(subst =, ,$(alias))))
binaries := $(programs) $(large) $(also) $(tests)

ifeq ($(dry),)
$(shell mkdir -p bin tests lib $(folders))
endif

-include $(objects:=.d) $(wildcard bin/*.cmd tests/*.cmd *.cmd)

# The program that an object is for: its flags count.
name-of = $(if $(filter tests/%,$*),$*,bin/$(firstword $(subst /, ,$*)))
compiler = $(or $(cc-$(1)),$(USER_CC))

quiet-cc = CC      usr/$@
cmd-cc = $(CCACHE) $(call compiler,$(name-of)) $(USER_CFLAGS) $(cflags-$(name-of)) \
	-MMD -MF $@.dep -c -o $@ $<

quiet-link = LINK    usr/$@
cmd-link = $(call compiler,$@) $(or $(ldflags-$@),$(USER_LDFLAGS)) -o $@ \
	$(filter %.o,$^) $(filter %.a,$^) $(libs-$@)

quiet-ar = AR      usr/$@
cmd-ar = rm -f $@; ar rcsD $@ $(filter %.o,$^)

$(objects): %.o: $(srctree)/usr/%.c FORCE
	$(call if-changed-dep,cc)

lib.a: $(library) FORCE
	$(call if-changed,ar)
$(programs): bin/%: %.o lib.a FORCE
	$(call if-changed,link)
$(tests): %: %.o lib.a FORCE
	$(call if-changed,link)
$(foreach name,$(large:bin/%=%),$(eval bin/$(name): $(call sources-in,$(name))))
$(large): lib.a FORCE
	$(call if-changed,link)

# aliases := NAME=PROGRAM: a program under another name too.
quiet-alias = ALIAS   usr/$@
cmd-alias = ln -f $(filter-out FORCE,$^) $@

$(foreach alias,$(aliases),$(eval bin/$(subst =,: bin/,$(alias))))
$(also): FORCE
	$(call if-changed,alias)

# What goes into the root archive, for scripts/mkcpio.py. It is newer than every program.
etc := $(sort $(wildcard $(srctree)/usr/etc/*))
scripts := $(sort $(wildcard $(srctree)/usr/scripts/*))

quiet-list = LIST    usr/$@
cmd-list = { printf 'dir %s 755\n' bin dev etc proc root tests; echo 'dir tmp 1777'; \
	printf 'file %s 755 %s\n' $(foreach binary,$(binaries),$(binary) $(binary)) \
		$(if $(filter bin/init,$(binaries)),init bin/init); \
	$(if $(scripts),printf 'file bin/%s 755 %s\n' \
		$(foreach file,$(scripts),$(notdir $(file)) $(file));) \
	$(if $(etc),printf 'file etc/%s 644 %s\n' \
		$(foreach file,$(etc),$(notdir $(file)) $(file));) \
	} >$@

list: $(binaries) $(scripts) $(etc) FORCE
	$(call if-changed,list)
