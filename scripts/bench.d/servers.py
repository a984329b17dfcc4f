"""The servers an invocation talks to, on free loopback ports: Prometheus, etcd, a router's page."""
import base64
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A child process that is ended with the `with` block."""

    def __init__(self, command, output=subprocess.DEVNULL):
        self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def wait_until_it_answers(self, url):
        for _ in range(600):
            if self.process.poll() is not None:
                raise SystemExit("%s ended before it answered." % self.process.args[0])
            try:
                return urllib.request.urlopen(url, timeout=1).read()
            except OSError:
                time.sleep(0.05)
        raise SystemExit("%s does not answer." % self.process.args[0])


class Prometheus(Server):
    """A Prometheus whose database promtool made of an OpenMetrics file."""

    def __init__(self, folder, openmetrics):
        data = os.path.join(folder, "prometheus")
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", openmetrics, data],
                       check=True, stdout=subprocess.DEVNULL)
        config = os.path.join(folder, "prometheus.yml")
        with open(config, "w") as file:
            file.write("global: {}\n")
        self.url = "http://127.0.0.1:%d" % free_port()
        super().__init__(
            ["prometheus", "--config.file=" + config, "--storage.tsdb.path=" + data,
             "--storage.tsdb.retention.time=100y", "--web.listen-address=" + self.url[7:]])
        self.wait_until_it_answers(self.url + "/-/ready")


class Etcd(Server):
    def __init__(self, folder):
        self.url = "http://127.0.0.1:%d" % free_port()
        peer = "http://127.0.0.1:%d" % free_port()
        super().__init__(
            ["etcd", "--name=bench", "--data-dir=" + os.path.join(folder, "etcd"),
             "--listen-client-urls=" + self.url, "--advertise-client-urls=" + self.url,
             "--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer,
             "--initial-cluster=bench=" + peer, "--log-level=error"])
        self.wait_until_it_answers(self.url + "/health")

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(request))

    def values(self, prefix):
        """The keys below a prefix that ends in a slash, as text."""
        answer = self.post("/v3/kv/range", {"key": text64(prefix),
                                            "range_end": text64(prefix[:-1] + "0")})
        return {base64.b64decode(pair["key"]).decode()[len(prefix):]:
                base64.b64decode(pair["value"]).decode() for pair in answer.get("kvs", [])}

    def put(self, key, value):
        self.post("/v3/kv/put", {"key": text64(key), "value": text64(value)})


class ApiServer(Server):
    """Plays a Kubernetes API server over TLS; see apiserver.c."""

    def __init__(self, program, folder, answers):
        self.authority, self.log = os.path.join(folder, "api.pem"), os.path.join(folder, "api.log")
        key, file = os.path.join(folder, "api.key"), os.path.join(folder, "api.answers")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "2", "-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1",
             "-out", self.authority, "-keyout", key], check=True, stderr=subprocess.DEVNULL)
        with open(file, "w") as lines:
            for path, answer in answers.items():
                lines.write("%s %s\n" % (path, json.dumps(answer)))
        super().__init__([program, file, self.log, self.authority, key], output=subprocess.PIPE)
        self.url = "https://127.0.0.1:%d" % int(self.process.stdout.readline())
        self.seen = 0

    def new_requests(self):
        """What was asked since the last time: method, path, content type, body."""
        with open(self.log) as log:
            lines = log.read().splitlines()
        new, self.seen = lines[self.seen:], len(lines)
        return [line.split(" ", 3) for line in new]


class Pages(Server):
    """Serves the files of a folder."""

    def __init__(self, program, folder):
        super().__init__([program, folder], output=subprocess.PIPE)
        self.url = "http://127.0.0.1:%d" % int(self.process.stdout.readline())


def text64(text):
    return base64.b64encode(text.encode()).decode()
