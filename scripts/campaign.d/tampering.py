"""A proxy on loopback that hands answers on, some of them tampered with, and the ways to tamper."""
import http.client
import json
import re
import threading
import urllib.parse
import zlib
from http.server import BaseHTTPRequestHandler

from world import QuietServer


class Answer:
    """What goes to the planner: a status, a type, a body, and how it is sent."""

    def __init__(self, status, kind, body):
        self.status, self.kind, self.body = status, kind, body
        self.headers = []
        self.delay = 0.0     # seconds before the first byte
        self.drip = 0.0      # seconds between two pieces of the body
        self.length = None   # what Content-Length says; None for the truth
        self.closes = False  # whether nothing at all is answered


class Proxy:
    """Sends what comes to one of its ports on to an origin, and the answer through `tamper`."""

    def __init__(self, origin_port, tamper):
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", origin_port, timeout=30)
                    headers = {name: value for name, value in self.headers.items()
                               if name.lower() in ("content-type", "authorization", "accept")}
                    connection.request(self.command, self.path, body, headers)
                    answer = connection.getresponse()
                    found = Answer(answer.status, answer.getheader("Content-Type", "text/plain"),
                                   answer.read())
                    connection.close()
                    self.say(tamper(self.command, self.path, found))
                except OSError:
                    self.close_connection = True

            do_POST = do_PUT = do_PATCH = do_GET

            def say(self, answer):
                if answer.delay:
                    proxy.ended.wait(answer.delay)
                if answer.closes:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.kind)
                for header in answer.headers:
                    self.send_header(*header)
                length = len(answer.body) if answer.length is None else answer.length
                self.send_header("Content-Length", str(length))
                self.end_headers()
                if answer.drip:
                    for start in range(0, len(answer.body), 16):
                        self.wfile.write(answer.body[start:start + 16])
                        if proxy.ended.wait(answer.drip):
                            break
                else:
                    self.wfile.write(answer.body)
                if length != len(answer.body):
                    self.close_connection = True

        self.ended = threading.Event()
        self.server = QuietServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()


def source_of(path):
    """Which of the three sources a request goes to."""
    if path.startswith("/metrics"):
        return "router"
    return "prometheus" if path.startswith("/api/v1/") else "kubernetes"


# MARK: The families. Each makes of a generator of chance a function that tampers with an answer.


def delays(chance):
    kind = chance.choice(("late", "very late", "drip", "silence"))

    def tamper(answer):
        if kind == "drip":
            answer.drip = chance.uniform(0.001, 0.2)
        else:
            answer.delay = {"late": chance.uniform(0, 1), "very late": chance.uniform(1, 8),
                            "silence": 30}[kind]
        return answer
    return kind, tamper


def truncations(chance):
    kind = chance.choice(("cut", "cut with its length", "nothing", "closed", "too long"))

    def tamper(answer):
        whole = len(answer.body)
        if kind == "closed":
            answer.closes = True
        elif kind == "nothing":
            answer.body = b""
        elif kind == "too long":
            answer.body += b"\0" * 100
        else:
            answer.body = answer.body[:chance.randrange(0, max(1, whole))]
            if kind == "cut with its length":
                answer.length = whole
        return answer
    return kind, tamper


def repetitions(chance):
    kind = chance.choice(("twice", "an earlier answer", "lines twice"))

    def tamper(answer, path):
        if kind == "twice":
            answer.body *= 2
        elif kind == "lines twice":
            answer.body = b"".join(line * 2 for line in answer.body.splitlines(keepends=True))
        else:
            answer.body = chance.choice(EARLIER.get(question(path), [answer.body]))
        return answer
    return kind, tamper


# What was answered before the trials, by question.
EARLIER = {}


def question(path):
    """What is asked, whatever the time it is asked for."""
    parts = urllib.parse.urlsplit(path)
    return parts.path, tuple(urllib.parse.parse_qs(parts.query).get("query", []))


def remember(method, path, answer):
    """Hands the answer on and keeps it for ``repetitions``."""
    if method == "GET":
        EARLIER.setdefault(question(path), []).append(answer.body)
    return answer


def errors(chance):
    kind = chance.choice((400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504, "login page",
                          "redirect", "bomb", "no content"))

    def tamper(answer):
        if kind == "login page":
            answer.kind, answer.body = "text/html", b"<!DOCTYPE html><title>Sign in</title>"
        elif kind == "redirect":
            answer.status, answer.body = 302, b""
            answer.headers.append(("Location", "http://127.0.0.1:1/#access_token=1234567890"))
        elif kind == "bomb":
            answer.body = BOMB
            answer.headers.append(("Content-Encoding", "gzip"))
        elif kind == "no content":
            answer.status, answer.body = 204, b""
        else:
            answer.status, answer.body = kind, b'{"kind":"Status","message":"no \x1b[2J\xc2\x9b"}'
            if kind in (429, 503):
                answer.headers.append(("Retry-After", chance.choice(("1", "3600", "soon"))))
        return answer
    return str(kind), tamper


def bomb(megabytes):
    """Gzip that unfolds to so much, made without holding it: a child's memory is measured from what
    this process has."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(b"0" * (1 << 20)) for _ in range(megabytes)) + packer.flush()


BOMB = bomb(200)


def partials(chance):
    """Answers that lack something and, where the API has a word for it, say so."""
    kind = chance.choice(("empty", "null", "isPartial", "warning", "half the points", "no workers",
                          "one kind of workers", "half the workers", "no status"))

    def tamper(answer, path):
        source = source_of(path)
        if source == "prometheus":
            answer.body = prometheus_part(kind, answer.body, chance)
        elif source == "router":
            answer.body = router_part(kind, answer.body)
        elif kind == "no status" and path.endswith("/dynamographdeployments/chat"):
            deployment = json.loads(answer.body)
            deployment.pop("status")
            answer.body = json.dumps(deployment).encode()
        return answer
    return kind, tamper


def prometheus_part(kind, body, chance):
    try:
        answer = json.loads(body)
        result = answer["data"]["result"]
    except (ValueError, KeyError, TypeError):
        return body
    if kind == "empty":
        answer["data"]["result"] = []
    elif kind == "null":
        answer["data"]["result"] = None
    elif kind in ("isPartial", "warning") and isinstance(result, list):
        if kind == "isPartial":
            answer["isPartial"] = True
        else:
            answer["warnings"] = ["receive series from store: rpc error: code = Unavailable"]
        for series in result:
            scale(series, 0.5)
    elif kind == "half the points" and isinstance(result, list):
        for series in result:
            if isinstance(series, dict) and len(series.get("values") or []) > 1:
                series["values"] = chance.sample(series["values"], len(series["values"]) // 2)
    return json.dumps(answer).encode()


def scale(series, factor):
    for point in (series.get("values") or []) + ([series["value"]] if "value" in series else []):
        try:
            point[1] = repr(float(point[1]) * factor)
        except (ValueError, TypeError, IndexError):
            pass


def router_part(kind, body):
    lines = body.splitlines(keepends=True)
    if kind in ("empty", "null", "no workers"):
        lines = []
    elif kind == "one kind of workers":
        lines = [line for line in lines if b'"decode"' not in line]
    elif kind == "half the workers":
        lines = [line for line in lines if not re.search(rb'worker_id="[a-z]*[02468]"', line)]
    return b"".join(lines)


ABSURD = ("NaN", "+Inf", "-Inf", "-1", "1e12", "1e308", "1e999", "0x10", "", "1e-320", "9" * 400)


def absurdities(chance):
    """Numbers that no measurement gives, in the place of one or all of an answer."""
    value = chance.choice(ABSURD)
    share = chance.choice((0.05, 0.5, 1))
    source = chance.choice(("prometheus", "router", "kubernetes"))

    def tamper(answer, path):
        if source_of(path) != source:
            return answer

        def replaced(match):
            return match[1] + value.encode() + match[3] if chance.random() < share else match[0]

        if source == "prometheus":
            answer.body = re.sub(rb'(,")([-+.0-9eNaInf]+)("\])', replaced, answer.body)
        elif source == "router":
            answer.body = re.sub(rb"(\} )([-+.0-9e]+)(\n)", replaced, answer.body)
        else:
            answer.body = re.sub(rb'(eplicas": ?)(\d+)()', replaced, answer.body)
        return answer
    return "%s in %d %% of %s" % (value[:8] or "nothing", 100 * share, source), tamper


def mutations(chance):
    """Bytes changed, left out, put in and moved."""
    count = chance.choice((1, 3, 20))

    def tamper(answer):
        answer.body = mutated(answer.body, chance, count)
        return answer
    return "%d bytes" % count, tamper


INTERESTING = (b"\0", b"\xff", b'"', b"{", b"[", b"}", b"]", b"\n", b"\xc2\x9b", b"\xf0\x9f", b"-",
               b"1e999", b"null", b"\x1b", b"99999999999999999999", b"\\u0000", b"," * 50,
               b"[" * 5000)


def mutated(data, chance, count):
    data = bytearray(data)
    for _ in range(count):
        place = chance.randrange(len(data) + 1)
        kind = chance.randrange(5)
        if kind == 0 and place < len(data):
            data[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[place:place] = chance.choice(INTERESTING)
        elif kind == 2:
            del data[place:place + chance.choice((1, 2, 16, 500))]
        elif kind == 3:
            end = min(len(data), place + chance.choice((1, 8, 200)))
            data[place:place] = data[place:end]
        elif place < len(data):
            data[place] = chance.randrange(256)
    return bytes(data)
