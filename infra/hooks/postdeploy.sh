#!/usr/bin/env bash
# After `azd deploy`: waits until the service is ready, looks whether it is the issuer it should be, and shows the first request.
set -euo pipefail
: "${SECRETFUNCTIONS_URL:?run this through azd: azd hooks run postdeploy}"
: "${SECRETFUNCTIONS_ISSUER:?}" "${SECRETFUNCTIONS_FIRST_CURL:?}"

if [[ -n ${SECRETFUNCTIONS_DNS_RECORDS:-} ]]; then
  printf 'DNS records that %s needs, if they are not there yet:\n%b\n\n' "${SECRETFUNCTIONS_URL#https://}" "$SECRETFUNCTIONS_DNS_RECORDS"
fi

deadline=$((SECONDS + ${SECRETFUNCTIONS_READY_SECONDS:-300}))
until ready=$(curl -fsS --max-time 20 "$SECRETFUNCTIONS_URL/health/ready" 2> /dev/null); do
  if ((SECONDS > deadline)); then
    echo "$SECRETFUNCTIONS_URL is not ready. It says:" >&2
    curl -sS --max-time 20 "$SECRETFUNCTIONS_URL/health/ready" >&2 || true
    printf '\nWhy a start was refused stands in the log as one sentence: docs/deploy.md, "When it does not start".\n' >&2
    exit 1
  fi
  sleep 5
done
echo "Ready: $ready"

discovery=$(curl -fsS --max-time 20 "$SECRETFUNCTIONS_ISSUER/.well-known/openid-configuration")
if [[ $discovery != *"\"issuer\":\"$SECRETFUNCTIONS_ISSUER\""* ]]; then
  echo "The discovery document names another issuer than $SECRETFUNCTIONS_ISSUER: clouds will refuse its tokens." >&2
  exit 1
fi
printf 'Issuer: %s\n\nThe first request, with the key that was shown (export SF_KEY=...):\n\n  %s\n\n' "$SECRETFUNCTIONS_ISSUER" "$SECRETFUNCTIONS_FIRST_CURL"
