"""Holds two listeners open as systemd does for a service with a socket unit, and starts the server on them again and again:
each line that comes in is the number of seconds to leave between the end of one server and the start of the next."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time

listeners = []
for _ in range(2):
    listener = socket.create_server(("127.0.0.1", 0))
    listeners.append(listener)
print(*(listener.getsockname()[1] for listener in listeners), flush=True)


def become():
    # Out of the way first: one of them may have the other's place.
    aside = [fcntl.fcntl(listener, fcntl.F_DUPFD, 10) for listener in listeners]
    for place, number in enumerate(aside):
        os.dup2(number, 3 + place)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2")


def start():
    return subprocess.Popen(sys.argv[1:], preexec_fn=become, close_fds=False, stdout=subprocess.DEVNULL)


server = start()
for line in sys.stdin:
    server.send_signal(signal.SIGTERM)
    server.wait()
    time.sleep(float(line))
    server = start()
    print("started", flush=True)
server.send_signal(signal.SIGTERM)
server.wait()
