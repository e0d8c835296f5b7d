"""A walk through Python: numbers, containers, files, processes, signals, threads, memory maps."""
import errno
import os
import signal
import sys
import threading
import time

print(sys.version_info[:2], sys.implementation.name)
print(2 ** 200, 7 // -2, divmod(-7, 2), 0.1 + 0.2, round(2.5), complex(1, 2) * 3j)
print(sorted("hello world".split()), {c: "mississippi".count(c) for c in "imps"})
print([*map(lambda x: x * x, range(10))], sum(range(100001)))


def generator():
    received = yield 1
    yield received * 2


each = generator()
print(next(each), each.send(21))
try:
    {}["missing"]
except KeyError as error:
    print("KeyError", error)

name = "/tmp/python-session"
with open(name, "w") as file:
    file.writelines(f"{i}\n" for i in range(1000))
with open(name) as file:
    print(sum(map(int, file)), os.stat(name).st_size)
os.rename(name, name + ".new")
print(os.path.exists(name), sorted(each for each in os.listdir("/tmp") if "python" in each))
os.symlink(name + ".new", name)
print(os.readlink(name), os.path.getsize(name))
os.unlink(name)
os.unlink(name + ".new")
try:
    open("/no/such/file")
except OSError as error:
    print(error.errno == errno.ENOENT, error.strerror)
os.makedirs("/tmp/a/b/c")
os.removedirs("/tmp/a/b/c") if os.path.isdir("/tmp/a") else None
os.makedirs("/tmp", exist_ok=True)

read, write = os.pipe()
child = os.fork()
if child == 0:
    os.write(write, b"from the child")
    os._exit(7)
print(os.read(read, 100), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

caught = []
signal.signal(signal.SIGUSR1, lambda number, frame: caught.append(signal.Signals(number).name))
os.kill(os.getpid(), signal.SIGUSR1)
signal.setitimer(signal.ITIMER_REAL, 0.05)
signal.signal(signal.SIGALRM, lambda number, frame: caught.append("alarm"))
time.sleep(0.2)
print(caught)

total, lock = 0, threading.Lock()


def work():
    global total
    for _ in range(2000):
        with lock:
            total += 1


threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)

event = threading.Event()
threading.Timer(0.02, event.set).start()
print(event.wait(5))
print(os.popen("echo through a shell").read().strip(), os.system("exit 3") >> 8)
big = bytearray(16 << 20)
big[::4096] = b"x" * len(big[::4096])
print(len(big), big.count(b"x"))
print(os.getpid() > 1, os.getuid(), os.uname().machine, len(os.urandom(16)))
