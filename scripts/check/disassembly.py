"""The kernel's machine code as a graph, from `objdump -d --no-show-raw-insn` (AT&T syntax).

A function is a symbol without what a compiler or assembler appended after a point: the local labels
of NASM (return_path.work) and the parts that gcc split off (fork.cold, wake.part.0) belong to it.
"""

import re
from dataclasses import dataclass, field

SYMBOL = re.compile(r"^([0-9a-f]+) <(.+)>:$")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\t(.*)$")
TARGET = re.compile(r"^([0-9a-f]+) <")
PREFIXES = {"lock", "rep", "repz", "repnz", "notrack", "bnd", "data16",
            "cs", "ds", "es", "fs", "gs"}
STOPS = {"ret", "retq", "iret", "iretq", "sysret", "sysretq", "sysretl", "ud2", "jmp", "jmpq"}


@dataclass
class Instruction:
    address: int
    function: str
    mnemonic: str
    operands: str
    prefixes: set = field(default_factory=set)
    next: int = None            # where it goes when it does not jump; None: nowhere
    target: int = None          # of a direct jump or call
    is_call: bool = False
    is_indirect: bool = False

    def __str__(self):
        prefix = "".join(sorted(self.prefixes)) + " " if self.prefixes else ""
        return f"{prefix}{self.mnemonic} {self.operands}".strip()


class Program:
    """Instructions by address, functions by name."""

    def __init__(self, lines):
        self.code = {}
        self.entries = {}       # name -> its first address (symbols with a point left out)
        self.names = {}         # address -> name, where a symbol stands
        current = None
        for line in lines:
            line = line.split("#")[0].rstrip()
            symbol = SYMBOL.match(line)
            if symbol:
                address, full = int(symbol.group(1), 16), symbol.group(2)
                current = full.split(".")[0] or full
                self.names[address] = current
                if current == full:
                    self.entries.setdefault(current, address)
                continue
            match = INSTRUCTION.match(line)
            if match and current is not None:
                self._add(int(match.group(1), 16), match.group(2).split(), current)
        self._link()

    def _add(self, address, words, function):
        prefixes = set()
        while words and words[0] in PREFIXES:
            prefixes.add(words.pop(0))
        if not words:
            return
        item = Instruction(address, function, words[0], " ".join(words[1:]), prefixes)
        item.is_call = item.mnemonic in ("call", "callq")
        if item.is_call or item.mnemonic.startswith("j"):
            target = TARGET.match(item.operands)
            if target:
                item.target = int(target.group(1), 16)
            elif item.operands.startswith("*"):
                item.is_indirect = True
        self.code[address] = item

    def _link(self):
        """A call that is the last of its function is one that does not come back."""
        addresses = sorted(self.code)
        for address, following in zip(addresses, addresses[1:] + [None]):
            item = self.code[address]
            if item.mnemonic in STOPS or following is None:
                continue
            if item.is_call and self._ends_function(following, item.function):
                continue
            item.next = following

    def _ends_function(self, address, function):
        while address in self.code and self.code[address].function == function:
            if not self.code[address].mnemonic.startswith("nop") and \
                    self.code[address].mnemonic != "xchg":
                return False
            following = [a for a in range(address + 1, address + 16) if a in self.code]
            address = following[0] if following else None
        return True

    def reach(self, start, ends=()):
        """All instructions that may run from `start` on, calls followed, except into `ends`."""
        seen, todo = set(), [start]
        while todo:
            address = todo.pop()
            if address in seen or address not in self.code:
                continue
            seen.add(address)
            item = self.code[address]
            enters_end = item.target in self.code and self.code[item.target].function in ends
            if item.target is not None and not enters_end:
                todo.append(item.target)
            if item.next is not None and not (item.is_call and enters_end):
                todo.append(item.next)
        return [self.code[address] for address in sorted(seen)]

    def callers(self, name):
        """Functions that call or jump to the start of `name` from outside it."""
        start = self.entries.get(name)
        return {item.function for item in self.code.values()
                if start is not None and item.target == start and item.function != name}
