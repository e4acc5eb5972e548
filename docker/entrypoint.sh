#!/bin/sh
# A variable NAME_FILE names a mounted secret: its text becomes NAME, then the program takes our place.
set -eu
for name in SECRET_KEY FOOTNOTE_WORKLOAD_SECRET FOOTNOTE_TOKEN_KEY FOOTNOTE_CREDENTIAL_KEYS FOOTNOTE_TOTP_KEYS \
  FOOTNOTE_AUDIT_KEY OPENAI_API_KEY TAVILY_API_KEY STRIPE_SECRET_KEY \
  SMTP_PASSWORD GOOGLE_CLIENT_SECRET GITHUB_CLIENT_SECRET MICROSOFT_CLIENT_SECRET OIDC_CLIENT_SECRET; do
  eval "file=\${${name}_FILE:-}"
  if [ -n "$file" ]; then
    if [ ! -r "$file" ]; then
      echo "${name}_FILE names $file, which cannot be read." >&2
      exit 2
    fi
    value=$(cat "$file")
    export "$name=$value"
    unset "${name}_FILE"
  fi
done
exec "$@"
