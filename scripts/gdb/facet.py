"""Commands for gdb that know Facet's structures.

    gdb -x scripts/gdb/facet.py -ex 'target remote :1234' build/facet.elf

    facet threads                  every thread: what it is, its state, where it sleeps
    facet processes                the tree of processes
    facet areas [PID]              the areas of a process (the current one)
    facet pages ADDRESS [PID]      the walk of the page table to an address
    facet backtrace TID            the kernel's calls of a thread that is not running
    facet cpu                      the CPU's own block

Everything is read with the machine stopped, so no lock is looked at: a list that was being changed
may look odd.
"""

import gdb

PAGE_SHIFT = 12
DIRECT_MAP_BASE = 0xFFFF800000000000
ADDRESS_MASK = 0x000FFFFFFFFFF000
PTE_FLAGS = (("P", 0), ("W", 1), ("U", 2), ("PWT", 3), ("PCD", 4), ("A", 5), ("D", 6), ("L", 7),
             ("G", 8), ("NX", 63))
LEVELS = (("root", 39), ("1 GiB", 30), ("2 MiB", 21), ("4 KiB", 12))
AREA_FLAGS = "rwxs"
# What switch_to pushes before it leaves the stack: six registers, %rbp first, below the return
# address.
SAVED_RBP, SAVED_RETURN = 40, 48


def type_of(name):
    return gdb.lookup_type(name)


def word(address):
    data = gdb.selected_inferior().read_memory(address, 8).tobytes()
    return int.from_bytes(data, "little")


def container(node, type_name, member):
    """The structure that `node` (a value of the member's type) lies in."""
    struct = type_of(type_name)
    offset = next(field.bitpos // 8 for field in struct.fields() if field.name == member)
    address = int(node.address) - offset
    return gdb.Value(address).cast(struct.pointer()).dereference()


def list_of(head, type_name, member):
    """The structures on a list, in order."""
    node = head["next"]
    while node and int(node) != int(head.address):
        yield container(node.dereference(), type_name, member)
        node = node.dereference()["next"]


def tree_of(node, type_name, member):
    """The structures in a tree, in order."""
    if not node:
        return
    fields = node.dereference()
    children = fields["child"]
    yield from tree_of(children[0], type_name, member)
    yield container(fields, type_name, member)
    yield from tree_of(children[1], type_name, member)


def processes(root=None, depth=0):
    """(process, depth) of the whole tree, parents before children."""
    if root is None:
        start = gdb.parse_and_eval("init_process")
        if not int(start):
            return
        root = start.dereference()
    yield root, depth
    for member in ("children", "zombies"):
        for child in list_of(root[member], "struct process", "sibling"):
            yield from processes(child, depth + 1)


def threads():
    for process, _ in processes():
        for thread in list_of(process["threads"], "struct thread", "process_link"):
            yield thread


def cpu():
    """This CPU's block: GS points at it in the kernel, and KERNEL_GS_BASE holds it in user mode."""
    for register in ("$gs_base", "$k_gs_base"):
        base = int(gdb.parse_and_eval(register)) & 0xFFFFFFFFFFFFFFFF
        if base >> 47 == 0x1FFFF:
            return gdb.Value(base).cast(type_of("struct cpu").pointer()).dereference()
    raise gdb.GdbError("the kernel has not set up its CPU block yet")


def process_named(words):
    """The process with the pid in `words`, or the one that runs."""
    if words:
        pid = int(words[0], 0)
        for process, _ in processes():
            if int(process["pid"]) == pid:
                return process
        raise gdb.GdbError(f"there is no process {pid}")
    owner = cpu()["current"].dereference()["process"]
    if not int(owner):
        raise gdb.GdbError("the idle thread runs: name a process")
    return owner.dereference()


def state_of(thread):
    values = {field.enumval: field.name.replace("THREAD_", "").lower()
              for field in type_of("enum thread_state").fields()}
    return values.get(int(thread["state"]), "?")


def symbol_at(address):
    text = gdb.execute(f"info symbol {address:#x}", to_string=True).strip()
    return text.split(" in section")[0] if "in section" in text else f"{address:#x}"


def frames_of(thread):
    """Return addresses in the kernel of a thread that is switched away, innermost first."""
    stack = int(thread["context"]["rsp"])
    top = int(thread["context"]["stack_top"])
    yield word(stack + SAVED_RETURN)
    base = word(stack + SAVED_RBP)
    while stack < base < top - 16:
        yield word(base + 8)
        stack, base = base, word(base)


class Facet(gdb.Command):
    """Facet's structures: facet threads, processes, areas, pages, backtrace, cpu."""

    def __init__(self):
        super().__init__("facet", gdb.COMMAND_DATA, prefix=True)


class Threads(gdb.Command):
    """facet threads: every thread, with its state and where in the kernel it waits."""

    def __init__(self):
        super().__init__("facet threads", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        running = int(cpu()["current"])
        print(f"{'TID':>6} {'PID':>6} {'STATE':<8} {'COMM':<16} AT")
        for thread in threads():
            process = thread["process"].dereference()
            here = "on the cpu" if int(thread.address) == running else ""
            if not here and state_of(thread) != "zombie":
                here = symbol_at(next(frames_of(thread)))
            print(f"{int(thread['tid']):>6} {int(process['pid']):>6} {state_of(thread):<8} "
                  f"{process['comm'].string():<16} {here}")


class Processes(gdb.Command):
    """facet processes: the tree, with each one's pages and state."""

    def __init__(self):
        super().__init__("facet processes", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        print(f"{'PID':>6} {'THREADS':>7} {'RESIDENT':>9} {'TABLES':>6}  COMM")
        for process, depth in processes():
            space = process["space"]
            resident = tables = 0
            if int(space):
                resident = int(space.dereference()["resident_pages"]) * 4
                tables = int(space.dereference()["table"]["tables"])
            note = "  (zombie)" if process["zombie"] else ""
            print(f"{int(process['pid']):>6} {int(process['thread_count']):>7} {resident:>5} KiB "
                  f"{tables:>6}  {'  ' * depth}{process['comm'].string()}{note}")


class Areas(gdb.Command):
    """facet areas [PID]: what each range of a process's memory is."""

    def __init__(self):
        super().__init__("facet areas", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        space = process_named(argument.split())["space"].dereference()
        for area in tree_of(space["areas"]["root"], "struct area", "node"):
            flags = int(area["flags"])
            rights = "".join(letter if flags >> bit & 1 else "-"
                             for bit, letter in enumerate(AREA_FLAGS))
            kind = "stack" if flags >> 4 & 1 else "heap" if flags >> 5 & 1 else ""
            if int(area["file"]):
                kind = f"file {int(area['file']):#x} offset {int(area['offset']):#x}"
            print(f"{int(area['start']):016x}-{int(area['end']):016x} {rights} {kind}")


class Pages(gdb.Command):
    """facet pages ADDRESS [PID]: each step of the walk through the page table."""

    def __init__(self):
        super().__init__("facet pages", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        words = argument.split()
        if not words:
            raise gdb.GdbError("which address?")
        address = int(gdb.parse_and_eval(words[0])) & 0xFFFFFFFFFFFFFFFF
        table = int(process_named(words[1:])["space"].dereference()["table"]["root"])
        for name, shift in LEVELS:
            index = address >> shift & 511
            entry = word(table + index * 8)
            flags = " ".join(text for text, bit in PTE_FLAGS if entry >> bit & 1)
            print(f"{name:>6} [{index:3}] {entry:016x}  {flags or 'empty'}")
            if not entry & 1:
                return
            large = entry >> 7 & 1 and shift > PAGE_SHIFT
            if large or shift == PAGE_SHIFT:
                mask = (1 << shift) - 1
                print(f"  -> physical {(entry & ADDRESS_MASK & ~mask) | (address & mask):#x}")
                return
            table = DIRECT_MAP_BASE + (entry & ADDRESS_MASK)


class Backtrace(gdb.Command):
    """facet backtrace TID: the kernel's calls of a thread that is not on the processor."""

    def __init__(self):
        super().__init__("facet backtrace", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        wanted = int(argument, 0) if argument else None
        for thread in threads():
            if int(thread["tid"]) != wanted:
                continue
            if int(thread.address) == int(cpu()["current"]):
                raise gdb.GdbError("it is on the processor: use bt")
            for number, address in enumerate(frames_of(thread)):
                print(f"#{number:<2} {address:#x} {symbol_at(address)}")
            return
        raise gdb.GdbError("which thread? facet threads lists them")


class Cpu(gdb.Command):
    """facet cpu: the CPU's block."""

    def __init__(self):
        super().__init__("facet cpu", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        block = cpu()
        for field in block.type.fields():
            value = block[field.name]
            text = value if value.type.sizeof < 8 else value.format_string(format="a")
            print(f"{field.name:>16} = {text}")


for command in (Facet, Threads, Processes, Areas, Pages, Backtrace, Cpu):
    command()
print("facet threads | processes | areas [PID] | pages ADDRESS [PID] | backtrace TID | cpu")
