"""Serves the lab's network. GET /status, for health checks and metrics, asks for the password of the repository. GET /replica, the data
folder of a new replica as a tar archive, asks for what a replica shows to its leader: the password of `standby`, and with TLS its certificate."""
import base64
import hmac
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

home = Path("/var/lib/barman/lab")
has_copy = "BACKUP_S3_BUCKET" in os.environ
started = time.time()
chunk_bytes = 1 << 20
# One at a time, for each may need the space of another copy.
replica = threading.Lock()


def credentials(user, variable):
    return b"Basic " + base64.b64encode(f"{user}:{os.environ.pop(variable)}".encode())


expected = {"/status": credentials("backup", "BACKUP_PASSWORD"), "/replica": credentials("standby", "REPLICATION_PASSWORD")}


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
    verified, copied = home / "verified", home / "copied"
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
        # How old the second copy is; null where none is kept. One that was never complete is as old as this program.
        "copyAgeSeconds": round(now - (copied.stat().st_mtime if copied.exists() else started)) if has_copy else None,
        "freeBytes": shutil.disk_usage(home).free,
    }


class Handler(BaseHTTPRequestHandler):
    server_version = "backup"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self):
        if self.path not in expected:
            self.send_error(404)
        elif not self.is_allowed():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="backup"')
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/status":
            self.answer(json.dumps(status()).encode(), "application/json")
        elif replica.acquire(blocking=False):
            try:
                self.send_replica()
            finally:
                replica.release()
        else:
            self.send_error(503, "another replica is being made")

    def is_allowed(self):
        given = self.headers.get("Authorization", "").encode()
        if self.path == "/replica" and isinstance(self.connection, ssl.SSLSocket):
            subject = dict(field[0] for field in (self.connection.getpeercert() or {}).get("subject", ()))
            if subject.get("commonName") != "standby":
                return False
        return hmac.compare_digest(given, expected[self.path])

    def send_replica(self):
        """In chunks, so that who receives it knows the end from an interruption."""
        with subprocess.Popen(["bash", "/backup/replica.sh"], stdout=subprocess.PIPE) as archive:
            try:
                chunk = archive.stdout.read(chunk_bytes)
                if not chunk:
                    return self.send_error(503, "no replica can be made of it now")
                self.send_response(200)
                self.send_header("Content-Type", "application/x-tar")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                while chunk:
                    self.wfile.write(b"%X\r\n%s\r\n" % (len(chunk), chunk))
                    chunk = archive.stdout.read(chunk_bytes)
            except OSError:
                # Whoever asked has gone.
                archive.terminate()
        self.close_connection = True
        if archive.returncode == 0:
            self.wfile.write(b"0\r\n\r\n")

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):
        if getattr(self, "path", "") != "/status":
            sys.stderr.write(f"http: {self.address_string()} {format % arguments}\n")


server = ThreadingHTTPServer(("0.0.0.0", 8080), Handler)
if os.path.exists("/tls/tls.pem"):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain("/tls/tls.pem")
    context.load_verify_locations("/tls/ca.crt")
    context.verify_mode = ssl.CERT_OPTIONAL
    # The handshake is the thread's, so that a silent client holds up nobody else.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
