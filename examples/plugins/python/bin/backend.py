#!/usr/bin/env python3
"""A ProxyCast plugin in Python 3, with nothing but its standard library.

A frame is [u32 big-endian header length][u32 big-endian attachment length][header][attachment]. The header is a
JSON-RPC 2.0 message, the attachment raw bytes. Frames come on stdin and go out on stdout; what is printed on stderr is
the log. Calls may come at once: here each runs in a thread of its own, and one lock keeps frames whole.
"""

import itertools
import json
import struct
import sys
import threading

CONTRACT_VERSION = 1
DEFAULT_API = "https://api.sample.example"

REFUSED, INVALID_PARAMS, METHOD_NOT_FOUND = -32001, -32602, -32601


class RpcError(Exception):
    def __init__(self, code, message, name):
        super().__init__(message)
        self.code, self.message, self.name = code, message, name


class Connection:
    """Both directions of the pipe."""

    def __init__(self, handlers, notifications):
        self._in, self._out = sys.stdin.buffer, sys.stdout.buffer
        self._handlers, self._notifications = handlers, notifications
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._waiting = {}

    def run(self):
        while (frame := self._read()) is not None:
            header, attachment = frame
            if "method" not in header:
                self._waiting.pop(header["id"]).put(header, attachment)
            elif header["method"] in ("$/chunk", "$/end"):
                waiter = self._waiting.get(("body", header["params"]["id"]))
                if waiter is not None:
                    waiter.put(header, attachment)
            elif "id" in header:
                threading.Thread(target=self._answer, args=(header, attachment), daemon=True).start()
            else:
                self._notifications.get(header["method"], lambda params: None)(header.get("params", {}))

    def request(self, method, url, headers=()):
        """Asks the host to send an HTTP request. Answers the status and the whole body."""
        credit = 1 << 20
        number, waiter, body = next(self._ids), Waiter(), Waiter()
        self._waiting[number], self._waiting[("body", number)] = waiter, body
        params = {"method": method, "url": url, "headers": [list(pair) for pair in headers], "credit_bytes": credit}
        self._write({"jsonrpc": "2.0", "id": number, "method": "http.request", "params": params})
        head, _ = waiter.take()
        if "error" in head:
            del self._waiting[("body", number)]
            raise RpcError(head["error"]["code"], head["error"]["message"], "host_refused")
        chunks = []
        while True:
            note, chunk = body.take()
            if note["method"] == "$/end":
                break
            chunks.append(chunk)
            # What was read may be sent again.
            self._write({"jsonrpc": "2.0", "method": "$/credit", "params": {"id": number, "bytes": len(chunk)}})
        del self._waiting[("body", number)]
        return head["result"]["status"], b"".join(chunks)

    def _answer(self, header, attachment):
        number = header["id"]
        try:
            handler = self._handlers.get(header["method"])
            if handler is None:
                raise RpcError(METHOD_NOT_FOUND, "This plugin has no " + header["method"], "no_such_method")
            result, out = handler(header.get("params", {}), attachment)
            self._write({"jsonrpc": "2.0", "id": number, "result": result}, out)
        except RpcError as error:
            failure = {"code": error.code, "message": error.message, "data": {"code": error.name}}
            self._write({"jsonrpc": "2.0", "id": number, "error": failure})
        except Exception as error:  # A fault of this plugin: the host keeps the words in its log.
            failure = {"code": -32603, "message": type(error).__name__ + ": " + str(error)}
            self._write({"jsonrpc": "2.0", "id": number, "error": failure})

    def _read(self):
        prefix = self._in.read(8)
        if len(prefix) < 8:
            return None
        header_length, attachment_length = struct.unpack(">II", prefix)
        header = json.loads(self._in.read(header_length))
        return header, self._in.read(attachment_length)

    def _write(self, header, attachment=b""):
        text = json.dumps(header).encode()
        with self._lock:
            self._out.write(struct.pack(">II", len(text), len(attachment)) + text + attachment)
            self._out.flush()


class Waiter:
    """What one caller waits for, in order."""

    def __init__(self):
        self._ready, self._items = threading.Condition(), []

    def put(self, *item):
        with self._ready:
            self._items.append(item)
            self._ready.notify()

    def take(self):
        with self._ready:
            while not self._items:
                self._ready.wait()
            return self._items.pop(0)


settings = {}
streams = {}


def api(path):
    return (settings.get("endpoints", {}).get("api") or DEFAULT_API) + path


def bearer(credential):
    return ["authorization", "Bearer " + credential["data"]["token"]]


def initialize(params, _):
    if params["contract_version"] != CONTRACT_VERSION:
        raise RpcError(INVALID_PARAMS, "This plugin speaks version 1 of the contract.", "contract_version")
    settings.update(params["settings"])
    return {
        "contract_version": CONTRACT_VERSION,
        "provider_id": "python-sample",
        "methods": list(HANDLERS),
        # Models that speak the service's own dialect need their bodies here; the others take a lease.
        "request": {"transform": "rpc", "transform_models": ["python-lines*"]},
    }, b""


def parse_credential(params, _):
    token = params.get("form", {}).get("token", "")
    if not token:
        return {"type": "refused", "faults": [{"field": "token", "message": "Paste the token."}]}, b""
    return {"type": "parsed", "credential": {"auth_type": params["auth_type"], "data": {"token": token}}}, b""


def validate(params, _):
    status, _body = connection.request("GET", api("/account"), [bearer(params["credential"])])
    if status == 200:
        return {"type": "valid"}, b""
    return {"type": "invalid", "message": "The service answered %d." % status}, b""


def prepare(params, body):
    headers = [bearer(params["credential"])]
    if not params["model"].startswith("python-lines"):
        return {
            "type": "lease",
            "method": "POST",
            "url": api("/v1/chat/completions"),
            "headers": headers,
            "read": {"dialect": "openai"},
            "ttl_ms": 600_000,
        }, b""
    turns = [
        {"who": "service" if turn["role"] == "assistant" else "person", "says": text_of(turn.get("content"))}
        for turn in json.loads(body)["messages"]
    ]
    own = json.dumps({"model": params["model"], "stream": params["is_stream"], "turns": turns}).encode()
    return {
        "type": "call",
        "method": "POST",
        "url": api("/v1/lines"),
        "headers": headers + [["content-type", "application/json"]],
        "read": {"dialect": "plugin", "framing": "lines"},
        "has_body": True,
    }, own


def text_of(content):
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content or [])


def decode(params, attachment):
    """Lines of JSON, cut by the host, become events; what an answer is in the middle of is kept by its stream."""
    stream = params["stream_id"]
    state = streams.setdefault(stream, {"begun": False, "done": False})
    events, at = [], 0
    if "head" in params:
        state["model"] = params["head"]["model"]
    for frame in params["frames"]:
        # A whole answer is one frame with all of its lines.
        text = attachment[at : at + frame["bytes"]].decode()
        at += frame["bytes"]
        for line in filter(None, text.split("\n")):
            events += events_of(json.loads(line), stream, state)
    if params["final"]:
        del streams[stream]
        if not state["done"]:
            failure = {"code": "upstream_cut", "kind": "upstream-failed", "message": "The service left half-way."}
            events.append({"type": "error", "error": failure})
    return {}, json.dumps(events).encode()


def events_of(line, stream, state):
    events = []
    if not state["begun"]:
        state["begun"] = True
        events.append({"type": "message-start", "id": stream, "model": state["model"]})
        events.append({"type": "text-start", "block": 0})
    if "say" in line:
        events.append({"type": "text-delta", "block": 0, "text": line["say"]})
    elif "done" in line:
        state["done"] = True
        events.append({"type": "block-end", "block": 0})
        events.append({"type": "usage", "usage": {"input": line["done"]["in"], "output": line["done"]["out"]}})
        events.append({"type": "message-end", "reason": "end"})
    return events


def update(params, _):
    settings.clear()
    settings.update(params["settings"])
    return {}, b""


HANDLERS = {
    "initialize": initialize,
    "ping": lambda params, attachment: ({}, b""),
    "credential.parse": parse_credential,
    "credential.validate": validate,
    "request.prepare": prepare,
    "response.decode": decode,
    "config.update": update,
    "shutdown": lambda params, attachment: ({}, b""),
}
connection = Connection(HANDLERS, {"response.abort": lambda params: streams.pop(params["stream_id"], None)})

if __name__ == "__main__":
    connection.run()
