-- Who may do what. Idempotent: roles.sh runs it at bootstrap, and `scripts/lab up` again on every start.
SET client_min_messages = warning;

\getenv superuser_password PGPASSWORD_SUPERUSER
\getenv standby_password PGPASSWORD_STANDBY
\getenv app_owner_password APP_OWNER_PASSWORD
\getenv app_user_password APP_USER_PASSWORD
\getenv monitor_password MONITOR_PASSWORD

SELECT format('CREATE ROLE %I', wanted.name)
FROM (VALUES ('app_owner'), ('app_user'), ('monitor')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) \gexec

ALTER ROLE app_owner LOGIN PASSWORD :'app_owner_password';
ALTER ROLE app_user LOGIN PASSWORD :'app_user_password';
ALTER ROLE monitor LOGIN PASSWORD :'monitor_password';
GRANT pg_monitor TO monitor;

-- Unset at bootstrap, where Patroni gives these two their passwords itself.
\if :{?superuser_password}
ALTER ROLE postgres PASSWORD :'superuser_password';
ALTER ROLE standby PASSWORD :'standby_password';
\endif

SELECT 'CREATE DATABASE app_db'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'app_db') \gexec

\connect app_db
SET client_min_messages = warning;

REVOKE ALL ON DATABASE app_db FROM PUBLIC;
GRANT CONNECT ON DATABASE app_db TO app_owner, app_user, monitor;

-- app_owner makes the tables; app_user gets rows and sequences of every table it will ever make, and no DDL.
ALTER SCHEMA public OWNER TO app_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app_user;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app_user;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO app_user;

\ir lab_schema.sql
