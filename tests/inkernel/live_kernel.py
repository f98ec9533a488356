"""A real kernel process and its client, with the few questions that the tests ask."""

from __future__ import annotations

import json
import os
import subprocess
import time
from queue import Empty

import zmq
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.session import Session

TOPIC = b"jupyter_workbench_records"
PAUSE_SECONDS = 0.01


class LiveKernel:
    """A command that starts a kernel, in the project folder; `spool` is where it is to leave its records."""

    def __init__(self, *, argv, spool, project, env=None):
        self.spool, self.project = spool, project
        self.manager = KernelManager()
        self.manager._kernel_spec = KernelSpec(argv=argv, display_name="iris local", language="python")
        self.env = {**os.environ, "JPY_SESSION_NAME": "", **(env or {})}
        self.client = None

    def started(self):
        self.manager.start_kernel(cwd=str(self.project), env=self.env, stderr=subprocess.DEVNULL)
        self.client = self.manager.blocking_client()
        # Two threads of ipykernel (subshells) can give two messages the same number, and so the same signature.
        self.client.session.digest_history_size = 0
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        return self

    def stop(self):
        if self.client is not None:
            self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)

    def send(self, code, **options):
        return self.client.execute(code, **options)

    def run(self, code, **options):
        """Run a cell to its end: a `Cell` with what a notebook would show."""
        return self.wait(self.send(code, **options))

    def wait(self, request, timeout=60):
        messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") != request:
                continue
            messages.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return Cell(messages, self._reply(request, timeout))

    def wait_for_value(self, name, timeout=60):
        """Return when a value of that name is in the spool."""
        deadline = time.monotonic() + timeout
        while name not in dict(self.values()):
            assert time.monotonic() < deadline, f"no value {name} came"
            time.sleep(PAUSE_SECONDS)

    def kernel_info(self):
        request = self.client.kernel_info()
        return self._reply(request, 60)

    def wait_for_idle(self, *requests, timeout=60):
        """Return when all these requests are done."""
        open_requests = set(requests)
        while open_requests:
            message = self.client.get_iopub_msg(timeout=timeout)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                open_requests.discard(message["parent_header"].get("msg_id"))

    def ask_control(self, kind, content):
        """A request on the control channel, answered."""
        message = self.client.session.msg(kind, content)
        self.client.control_channel.send(message)
        while True:
            reply = self.client.get_control_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply["content"]

    def records(self, *kinds):
        """The whole lines of the spool that are records."""
        data = (self.spool / "records.jsonl").read_bytes()
        lines = data[: data.rfind(b"\n") + 1].split(b"\n")
        found = [json.loads(line) for line in lines if line]
        return [record for record in found if not kinds or record["e"] in kinds]

    def values(self):
        return [(record["name"], record["value"]) for record in self.records("log")]

    def listener(self):
        return Listener(self.manager.get_connection_info())

    def _reply(self, request, timeout):
        while True:
            reply = self.client.get_shell_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") == request:
                return reply["content"]


class Cell:
    """What one execution sent to its notebook."""

    def __init__(self, messages, reply):
        self.reply = reply
        self.status = reply["status"]
        self.types = [message["msg_type"] for message in messages]
        streams = [message["content"] for message in messages if message["msg_type"] == "stream"]
        self.stdout = "".join(content["text"] for content in streams if content["name"] == "stdout")
        self.stderr = "".join(content["text"] for content in streams if content["name"] == "stderr")


class Listener:
    """Receives what the kernel sends on the topic of the records, and nothing else, as the server does."""

    def __init__(self, info):
        self._session = Session(key=info["key"])  # its own: a session refuses to see a message twice
        self._socket = zmq.Context.instance().socket(zmq.SUB)
        self._socket.linger = 0
        self._socket.setsockopt(zmq.SUBSCRIBE, TOPIC)
        self._socket.connect(f"{info['transport']}://{info['ip']}:{info['iopub_port']}")

    def next(self, timeout_ms=10_000):
        """The next message with its header; `queue.Empty` when none comes."""
        while True:
            if not self._socket.poll(timeout_ms):
                raise Empty
            _, frames = self._session.feed_identities(self._socket.recv_multipart())
            message = self._session.deserialize(frames)
            if message["msg_type"] == TOPIC.decode():
                return message

    def all_so_far(self):
        found = []
        try:
            while True:
                found.append(self.next(timeout_ms=500))
        except Empty:
            return found

    def close(self):
        self._socket.close()
