"""Inserts each key that it reads, and says what came of it. libpq finds the leader among the members."""

import os
import socket
import sys
import threading

import psycopg2

URL = os.environ.get("DATABASE_URL") or (
    "postgresql://app_user@patroni1,patroni2,patroni3/app_db?target_session_attrs=read-write&connect_timeout=2"
    "&tcp_user_timeout=5000&keepalives_idle=2&keepalives_interval=1&keepalives_count=3"
)
# libpq waits for an answer for ever, also for one of a frozen server. 0: no limit.
ANSWER_SECONDS = float(os.environ.get("ANSWER_SECONDS", "5"))

connection = None


def cut(descriptor):
    socket.socket(fileno=os.dup(descriptor)).shutdown(socket.SHUT_RDWR)


def insert(key):
    global connection
    connection = connection or psycopg2.connect(URL)
    limit = threading.Timer(ANSWER_SECONDS, cut, [connection.fileno()])
    if ANSWER_SECONDS > 0:
        limit.start()
    try:
        with connection, connection.cursor() as cursor:  # ends with COMMIT or ROLLBACK
            cursor.execute("INSERT INTO lab.chaos_unique (key) VALUES (%s)", (key,))
    finally:
        limit.cancel()


for line in sys.stdin:
    try:
        insert(line.strip())
        print("ok", flush=True)
    except psycopg2.Error as error:
        if connection is not None:
            connection.close()
        connection = None
        print("error", error.pgcode or type(error).__name__, flush=True)
