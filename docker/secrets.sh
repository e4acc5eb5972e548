#!/bin/sh
# Make what compose.yaml needs and nobody should choose: docker/secrets/* and docker/.env. Keeps what is there.
set -eu
cd "$(dirname "$0")"
command -v openssl > /dev/null || { echo "openssl is missing: install it (Debian: apt-get install openssl)." >&2; exit 2; }
umask 077
mkdir -p secrets
for name in database_superuser_password database_password redis_password web_secret_key gate_secret_key workload_secret; do
  [ -s "secrets/$name" ] || openssl rand -hex 32 > "secrets/$name"
done
for name in credential_keys totp_keys; do
  [ -s "secrets/$name" ] || openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n' > "secrets/$name"
done
for name in token_key audit_key; do
  [ -s "secrets/$name" ] || openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "secrets/$name"
done
# Keys of providers, of the mail server and of sign-in elsewhere: empty until you put yours in.
for name in openai_api_key tavily_api_key smtp_password google_client_secret github_client_secret \
  microsoft_client_secret oidc_client_secret stripe_secret_key; do
  [ -e "secrets/$name" ] || : > "secrets/$name"
done
# Each is mounted by itself and read there by user 10001; on this machine the folder keeps everybody else out.
chmod 700 secrets
chmod 444 secrets/*
[ -s .env ] || cat > .env <<ENV
FOOTNOTE_APEX_HOST=localhost
FOOTNOTE_PUBLIC_ORIGIN=http://localhost:8000
DATABASE_PASSWORD=$(cat secrets/database_password)
REDIS_PASSWORD=$(cat secrets/redis_password)
# Mail is printed into the gate's log. With a mail server: smtp here, SMTP_HOST and SMTP_USER, secrets/smtp_password.
FOOTNOTE_MAIL_BACKEND=console
ENV
echo "Ready: docker compose -f docker/compose.yaml up --build"
