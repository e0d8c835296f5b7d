#!/usr/bin/env python3
"""Checks invariants 1 and 2 over the kernel's machine code.

    objdump -d --no-show-raw-insn facet.elf | invariants.py
    invariants.py --self-test

1. Interrupt handlers are minimal: what can be reached from one is on a short list, takes no lock,
   turns no interrupts on, calls through no pointer and has no loop but where that is listed; the
   timer's longest path stays under a stated number of instructions.
2. The switch is on the return: switch_to has one caller, schedule() the listed ones; the page table
   is loaded, and the kernel entered and left, in the listed functions only.

The lists are in invariants.toml. The self-test plants a fault against each rule in a made-up
kernel and fails unless exactly that rule fires.
"""

import argparse
import os
import re
import sys
import tomllib

from disassembly import Program

KERNEL_BASE = 0xFFFFFFFF80000000    # below is the boot code, which runs before any of this holds


def listed(name, patterns):
    return any(re.fullmatch(pattern, name) for pattern in patterns)


class Checker:
    def __init__(self, program, rules):
        self.program, self.rules = program, rules
        self.errors = []

    def error(self, rule, message):
        text = f"{rule}: {message}"
        if text not in self.errors:
            self.errors.append(text)

    def run(self):
        self.check_registered_handlers()
        self.check_handlers()
        self.check_timer()
        self.check_callers()
        self.check_instructions()
        return self.errors

    def handlers(self):
        return [name for name in self.program.entries
                if listed(name, self.rules["interrupts"]["roots"])]

    def check_registered_handlers(self):
        """The second argument of each call of irq_register is the address of a root."""
        rules = self.rules["interrupts"]
        register = self.program.entries.get(rules["register"])
        for item in self.program.code.values():
            if register is None or item.target != register:
                continue
            handler = self.second_argument(item)
            if handler is None or not listed(handler, rules["roots"]):
                self.error("handlers", f"{item.function} registers "
                                       f"{handler or 'an unknown handler'}, whose name is "
                                       f"not among the roots")

    def second_argument(self, call):
        """The function whose address the last move to %rsi before a call puts there."""
        before = [a for a in range(call.address - 64, call.address) if a in self.program.code]
        for address in reversed(before):
            item = self.program.code[address]
            if item.function != call.function:
                break
            match = re.match(r"\$(0x[0-9a-f]+),%[re]si$", item.operands)
            if item.mnemonic.startswith("mov") and match:
                value = int(match.group(1), 16) & 0xFFFFFFFFFFFFFFFF
                return self.program.names.get(value)
        return None

    def check_handlers(self):
        rules = self.rules["interrupts"]
        for root in self.handlers():
            reached = self.program.reach(self.program.entries[root], rules["ends"])
            for item in reached:
                where = f"{item.function} (reached from {root})"
                if not listed(item.function, rules["allowed"]):
                    self.error("handlers", f"{where} is not on the list")
                    continue
                if item.is_indirect and not listed(item.function, rules["indirect"]):
                    self.error("indirect", f"{where}: {item}")
                if "lock" in item.prefixes or item.mnemonic == "xchg" and "(" in item.operands:
                    self.error("locks", f"{where}: {item}")
                if item.mnemonic == "sti":
                    self.error("interrupts on", f"{where}: {item}")
                if item.prefixes & {"rep", "repz", "repnz"} \
                        and item.mnemonic not in ("ret", "retq") \
                        and not listed(item.function, rules["loops"]):
                    self.error("loops", f"{where}: {item}")
            for name in {item.function for item in reached}:
                if listed(name, rules["allowed"]) and not listed(name, rules["loops"]):
                    self.longest(self.program.entries.get(name, -1), rules["ends"], {})

    def check_timer(self):
        rules = self.rules["interrupts"]
        start = self.program.entries.get(rules["timer"])
        if start is None:
            self.error("timer", f"there is no {rules['timer']}")
            return
        length = self.longest(start, rules["ends"], {})
        most = rules["timer_longest"] + sum(more for name, more in rules["timer_more"].items()
                                            if name in self.program.entries)
        if length > most:
            self.error("timer", f"the longest path of {rules['timer']} has {length} instructions, "
                                f"more than {most}")
        else:
            print(f"  the longest path of {rules['timer']}: {length} instructions")

    def longest(self, start, ends, known):
        """Instructions on the longest path from `start`, callees included; a loop is an error."""
        stack, path = [(start, False)], set()
        while stack:
            address, done = stack.pop()
            item = self.program.code.get(address)
            if item is None:
                known[address] = 0
                continue
            ended = item.target in self.program.code and \
                self.program.code[item.target].function in ends
            after = [] if ended and item.is_call else [item.next]
            after = [step for step in after + ([] if ended else [item.target]) if step is not None]
            if done:
                path.discard(address)
                steps = [known.get(step, 0) for step in after]
                known[address] = 1 + (sum(steps) if item.is_call else max(steps, default=0))
                continue
            if address in known:
                continue
            if address in path:
                self.error("loops", f"{item.function} loops at {address:x}: {item}")
                continue
            path.add(address)
            stack.append((address, True))
            for step in after:
                if step in path:
                    self.error("loops", f"{item.function} loops at {address:x}: {item}")
                elif step not in known:
                    stack.append((step, False))
        return known.get(start, 0)

    def check_callers(self):
        for name, allowed in self.rules["callers"].items():
            if name not in self.program.entries:
                self.error("callers", f"there is no {name}")
            for caller in sorted(self.program.callers(name)):
                if not listed(caller, allowed):
                    self.error("callers", f"{caller} calls {name}")

    def check_instructions(self):
        for item in self.program.code.values():
            if item.address < KERNEL_BASE:
                continue
            for pattern, allowed in self.rules["instructions"].items():
                if re.fullmatch(pattern, str(item)) and not listed(item.function, allowed):
                    self.error("instructions", f"{item.function}: {item}")


def load_rules():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "invariants.toml"),
              "rb") as file:
        return tomllib.load(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--self-test", action="store_true")
    if parser.parse_args().self_test:
        from self_test import run
        sys.exit(run(Checker, load_rules()))
    program = Program(sys.stdin)
    if not program.code:
        sys.exit("no disassembly on the standard input")
    errors = Checker(program, load_rules()).run()
    for error in errors:
        print(error, file=sys.stderr)
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
