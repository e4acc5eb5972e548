#!/bin/sh
# Runs once, on an empty data directory: the role that Footnote logs in as, and its database.
# template1 gets pgvector too, so that databases made later have it.
set -eu
password=$(cat /run/secrets/database_password)
psql --set ON_ERROR_STOP=1 --set password="$password" --username "$POSTGRES_USER" --dbname template1 <<'SQL'
CREATE EXTENSION IF NOT EXISTS vector;
CREATE ROLE footnote LOGIN NOINHERIT NOSUPERUSER CREATEDB CREATEROLE PASSWORD :'password';
CREATE DATABASE footnote OWNER footnote;
SQL
