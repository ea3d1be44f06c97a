# The host's own pseudo-terminal, driven through scenarios: the oracle of oracle.test.ts.
# stdin: a JSON list of scenarios, each a list of steps; stdout: the list of their results.
import errno, fcntl, json, os, select, struct, sys, termios, time

def modes(fd, step):
    t = termios.tcgetattr(fd)
    flags = struct.unpack("IIII", fcntl.ioctl(fd, termios.TCGETS, bytes(36))[:16])
    raw = bytearray(fcntl.ioctl(fd, termios.TCGETS, bytes(36)))
    struct.pack_into("IIII", raw, 0, step["iflag"], step["oflag"], flags[2], step["lflag"])
    for index, value in step["cc"].items():
        raw[17 + int(index)] = value
    fcntl.ioctl(fd, {"now": 0x5402, "drain": 0x5403, "flush": 0x5404}[step["when"]], bytes(raw))
    return 0

def run(scenario):
    master = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    fcntl.ioctl(master, 0x40045431, struct.pack("i", 0))
    number = struct.unpack("i", fcntl.ioctl(master, 0x80045430, bytes(4)))[0]
    path = "/dev/pts/%d" % number
    slave = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    results = []
    for step in scenario:
        op = step["op"]
        fd = slave if step.get("side") == "slave" else master
        try:
            if op == "modes": r = modes(slave, step)
            elif op == "write": r = os.write(fd, bytes(step["bytes"]))
            elif op == "read": r = list(os.read(fd, step["count"]))
            elif op == "inq": r = struct.unpack("i", fcntl.ioctl(fd, 0x541b, bytes(4)))[0]
            elif op == "flush": r = fcntl.ioctl(fd, 0x540b, step["which"])
            elif op == "flow": r = fcntl.ioctl(fd, 0x540a, step["action"])
            elif op == "packet": r = len(fcntl.ioctl(master, 0x5420, struct.pack("i", step["on"]))) and 0
            elif op == "poll":
                p = select.poll(); p.register(fd, 0x7fff)
                found = p.poll(0)
                r = found[0][1] if found else 0
            elif op == "close":
                os.close(fd)
                if fd == slave: slave = -1
                else: master = -1
                r = 0
            elif op == "open": slave = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK); r = 0
        except OSError as e:
            r = errno.errorcode[e.errno]
        results.append(r)
        # The kernel carries bytes across in the background.
        if op in ("write", "modes", "flush", "flow", "read", "close"): time.sleep(pause)
    for fd in (master, slave):
        if fd >= 0: os.close(fd)
    return results

pause = float(sys.argv[1])
print(json.dumps([run(s) for s in json.load(sys.stdin)]))
