"""Serves the status of the repository to the lab's network, to who knows the password: GET /status, for health checks and metrics."""
import base64
import hmac
import json
import os
import shutil
import ssl
import sys
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

home = Path("/var/lib/barman/lab")
password = os.environ.pop("BACKUP_PASSWORD")
expected = b"Basic " + base64.b64encode(f"backup:{password}".encode())


def backups():
    """The complete base backups as (name, time of its end), oldest first."""
    for info in sorted(home.glob("meta/*-backup.info")):
        fields = dict(line.split("=", 1) for line in info.read_text().splitlines() if "=" in line)
        if fields.get("status") == "DONE":
            yield info.name.removesuffix("-backup.info"), datetime.fromisoformat(fields["end_time"]).timestamp()


def status():
    """What launch.sh last heard of the leader, and what the repository has."""
    now = time.time()
    newest = list(backups())
    try:
        heard = json.loads((home / "receiver.json").read_text())
        heard_at = (home / "receiver.json").stat().st_mtime
    except (OSError, ValueError):
        heard, heard_at = {}, 0
    verified = home / "verified"
    return {
        "lastBackup": newest[-1][0] if newest else None,
        "lastBackupAgeSeconds": round(now - newest[-1][1]) if newest else None,
        # How old the newest answer is: with it the figures below are too old as well.
        "leaderHeardSeconds": round(now - heard_at, 1) if heard_at else None,
        "receiving": bool(heard.get("receiving")) and now - heard_at < 30,
        "slot": heard.get("slot"),
        "behindBytes": heard.get("behindBytes"),
        "retainedBytes": heard.get("retainedBytes"),
        # When WAL was last written here. On an idle cluster that is long ago as well.
        "newestWalSeconds": round(now - max((file.stat().st_mtime for file in home.glob("streaming/*")), default=0)),
        "gap": (home / "gap").exists(),
        "lastVerifiedAgeSeconds": round(now - verified.stat().st_mtime) if verified.exists() else None,
        "freeBytes": shutil.disk_usage(home).free,
    }


class Handler(BaseHTTPRequestHandler):
    server_version = "backup"
    sys_version = ""
    timeout = 60

    def do_GET(self):
        if not hmac.compare_digest(self.headers.get("Authorization", "").encode(), expected):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="backup"')
            self.end_headers()
            return
        if self.path == "/status":
            self.answer(json.dumps(status()).encode(), "application/json")
        else:
            self.send_error(404)

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):
        if self.path != "/status":
            sys.stderr.write(f"status: {self.address_string()} {format % arguments}\n")


server = ThreadingHTTPServer(("0.0.0.0", 8080), Handler)
if os.path.exists("/tls/tls.pem"):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain("/tls/tls.pem")
    # The handshake is the thread's, so that a silent client holds up nobody else.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
