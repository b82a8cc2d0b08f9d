#!/usr/bin/python3
"""Writes Patroni's configuration from Spilo's environment contract (SCOPE, ETCD3_HOSTS, PGPASSWORD_*, SPILO_CONFIGURATION …)."""
import os
import socket
import sys

import yaml

from merge import merge

env, member = os.environ, socket.gethostname()
version = env.get("PGVERSION", "17")

defaults = {
    "scope": env["SCOPE"],
    "name": member,
    "etcd3": {"hosts": env["ETCD3_HOSTS"]},
    "restapi": {"listen": ":8008", "connect_address": env.get("RESTAPI_CONNECT_ADDRESS", f"{member}:8008")},
    "bootstrap": {
        "dcs": {"postgresql": {"use_slots": True, "use_pg_rewind": True}},
        "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
    },
    "postgresql": {
        "listen": "*:5432",
        "connect_address": env.get("PG_CONNECT_ADDRESS", f"{member}:5432"),
        "data_dir": f"{env['PGROOT']}/data",
        "bin_dir": f"/usr/lib/postgresql/{version}/bin",
        "pgpass": "/run/postgresql/pgpass",
        "use_unix_socket": True,
        "use_unix_socket_repl": True,
        "authentication": {
            "superuser": {"username": env.get("PGUSER_SUPERUSER", "postgres"), "password": env["PGPASSWORD_SUPERUSER"]},
            "replication": {"username": env.get("PGUSER_STANDBY", "standby"), "password": env["PGPASSWORD_STANDBY"]},
        },
        "parameters": {"unix_socket_directories": "/var/run/postgresql"},
        "pg_hba": [
            "local all all trust",
            "local replication standby trust",
            "host replication standby all scram-sha-256",
            "host all all all scram-sha-256",
        ],
    },
}

user = yaml.safe_load(env.get("SPILO_CONFIGURATION", ""))
with open(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
    yaml.safe_dump(merge(defaults, user), file)
