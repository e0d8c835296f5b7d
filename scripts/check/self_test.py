"""Shows that each rule of invariants.py fires: a made-up kernel that keeps them all, and faults."""

import contextlib
import io

from disassembly import Program

# Functions of a kernel that keeps the rules, as instructions; addresses are given when it is built.
GOOD = {
    "timer_interrupt": ["push %rbx", "call @clock_tick", "pop %rbx", "jmp @timer_acknowledge"],
    "clock_tick": ["incq %gs:0x38", "decl %gs:0x28", "jne +1", "orl $0x1,%gs:0x24", "ret"],
    "timer_acknowledge": ["movl $0x0,0x0(%rax)", "ret"],
    "irq_dispatch": ["mov 0x78(%rdi),%eax", "call *-0x7fe00000(,%rax,8)", "ret"],
    "serial_interrupt": ["in (%dx),%al", "test $0x1,%al", "jne -2", "ret"],
    "irq_register": ["mov %rsi,-0x7fe00000(,%rdi,8)", "ret"],
    "serial_init": ["mov $@serial_interrupt,%rsi", "mov $0x4,%edi", "call @irq_register", "ret"],
    "panic": ["cli", "hlt", "jmp -1"],
    "printk": ["ret"],
    "switch_to": ["mov %rsp,0x0(%rdi)", "mov 0x0(%rsi),%rsp", "ret"],
    "schedule": ["push %rbx", "mov %rdi,%cr3", "call @switch_to", "pop %rbx", "ret"],
    "return_work": ["call @schedule", "ret"],
    "return_path": ["call @return_work", "swapgs", "iretq"],
    "fork": ["ret"],
}

# A fault each: what it is, the rule that must fire, the function, its instructions.
FAULTS = [
    ("a handler prints", "handlers", "clock_tick", ["call @printk", "ret"]),
    ("a handler loops", "loops", "clock_tick", ["decl %eax", "jne -1", "ret"]),
    ("a handler copies a string", "loops", "clock_tick",
     ["rep movsq %ds:(%rsi),%es:(%rdi)", "ret"]),
    ("handlers call each other in a circle", "loops", "timer_acknowledge", ["jmp @clock_tick2"]),
    ("the timer is long", "timer", "clock_tick", ["nop"] * 200 + ["ret"]),
    ("a handler calls a policy", "indirect", "clock_tick", ["call *%rax", "ret"]),
    ("a handler takes a lock", "locks", "clock_tick", ["lock cmpxchg %edx,(%rdi)", "ret"]),
    ("a handler swaps a lock", "locks", "clock_tick", ["xchg %eax,(%rdi)", "ret"]),
    ("a handler turns interrupts on", "interrupts on", "serial_interrupt", ["sti", "ret"]),
    ("a handler of another name", "handlers", "serial_init",
     ["mov $@printk,%rsi", "call @irq_register", "ret"]),
    ("a handler that cannot be seen", "handlers", "serial_init", ["call @irq_register", "ret"]),
    ("a second caller of switch_to", "callers", "fork", ["jmp @switch_to"]),
    ("schedule() in the middle", "callers", "fork", ["call @schedule", "ret"]),
    ("the root loaded elsewhere", "instructions", "fork", ["mov %rax,%cr3", "ret"]),
    ("an exit beside the one", "instructions", "fork", ["iretq"]),
    ("swapgs beside the entry", "instructions", "fork", ["swapgs", "ret"]),
]


def disassembly(functions):
    """What objdump would print: @name is a function's address, +n and -n count instructions."""
    size, base = 4, 0xFFFFFFFF80100000
    starts = {}
    for name, body in functions.items():
        starts[name] = base
        base += size * (len(body) + 4)
    lines = []
    for name, body in functions.items():
        lines.append(f"{starts[name]:x} <{name}>:")
        for index, text in enumerate(body):
            address = starts[name] + size * index
            words = text.split()
            if "$@" in text:
                symbol = text.split("@")[1].split(",")[0]
                text = text.replace("@" + symbol, hex(starts[symbol]))
            elif words[-1].startswith("@"):
                symbol = words[-1][1:]
                text = f"{words[0]} {starts.get(symbol, starts['clock_tick']):x} <{symbol}>"
            elif words[0].startswith("j") and words[-1][0] in "+-":
                steps = int(words[-1])
                target = address + size * (steps + (1 if steps > 0 else 0))
                text = f"{words[0]} {target:x} <{name}+0x0>"
            lines.append(f"{address:x}:\t{text}")
    return lines


def check(checker, rules, functions):
    with contextlib.redirect_stdout(io.StringIO()):
        return checker(Program(disassembly(functions)), rules).run()


def run(checker, rules):
    """0 if the good kernel passes and each fault is found by its rule and no other."""
    failures = []
    errors = check(checker, rules, GOOD)
    if errors:
        failures.append(f"the good kernel: {errors}")
    for what, rule, function, body in FAULTS:
        functions = dict(GOOD, **{function: body})
        if "clock_tick2" in " ".join(body):
            functions["clock_tick"] = ["jmp @timer_acknowledge"]
        found = {error.split(":")[0] for error in check(checker, rules, functions)}
        if found != {rule}:
            failures.append(f"{what}: expected {rule}, got {sorted(found) or 'nothing'}")
    for failure in failures:
        print(f"self-test: {failure}")
    if not failures:
        print(f"  self-test: {len(FAULTS)} planted faults, each found")
    return 1 if failures else 0
