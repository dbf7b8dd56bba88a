#!/usr/bin/env bash
# After `azd provision`: makes the first owner's key, once, and puts it into the vault, from where the app reads it as a reference.
#
# The key is on no command line (printf is bash's own; curl reads files), in no azd environment file, and in no log: it is shown on a terminal
# alone. Needed are azd, curl and openssl, and the right to write secrets of the vault through Azure's management, which whoever provisions has;
# nobody gets the right to read it.
set -euo pipefail
: "${SECRETFUNCTIONS_VAULT_ID:?run this through azd: azd hooks run postprovision}"
: "${SECRETFUNCTIONS_VAULT:?}" "${SECRETFUNCTIONS_APP_ID:?}" "${SECRETFUNCTIONS_FIRST_KEY_SECRET:?}"

management=${AZURE_RESOURCE_MANAGER_URL:-https://management.azure.com/}
management=${management%/}
secret="$management$SECRETFUNCTIONS_VAULT_ID/secrets/$SECRETFUNCTIONS_FIRST_KEY_SECRET?api-version=2023-07-01"
refresh="$management$SECRETFUNCTIONS_APP_ID/config/configreferences/appsettings/refresh?api-version=2022-03-01"

umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

token=$(azd auth token --output json --scope "$management/.default" | sed -nE 's/.*"token": *"([^"]+)".*/\1/p')
[[ -n $token ]] || { echo 'azd has no token: run azd auth login, then azd hooks run postprovision.' >&2; exit 1; }
printf 'Authorization: Bearer %s\n' "$token" > "$folder/authorization"

# The status alone; what Azure says goes into a file.
ask() { curl -sS -o "$folder/answer" -w '%{http_code}' -H "@$folder/authorization" -H 'Content-Type: application/json' "$@"; }

status=$(ask "$secret")
case $status in
  200)
    echo "The first owner's key is in $SECRETFUNCTIONS_VAULT already; it is left as it is."
    exit 0
    ;;
  404) ;;
  *)
    echo "Azure answered $status when asked for the first owner's key; see docs/deploy.md." >&2
    exit 1
    ;;
esac

key=$(openssl rand -hex 32)
printf '{"properties":{"value":"%s","contentType":"API key of the deployment'"'"'s operator"}}' "$key" > "$folder/secret"
status=$(ask -X PUT --data-binary "@$folder/secret" "$secret")
if [[ $status != 20[01] ]]; then
  echo "Azure answered $status when given the first owner's key. 409: a deleted one is in the way; recover it: az keyvault secret recover --vault-name $SECRETFUNCTIONS_VAULT --name $SECRETFUNCTIONS_FIRST_KEY_SECRET" >&2
  exit 1
fi

# The app looked for it when it was made, and would look again tomorrow.
status=$(ask -X POST --data-binary '' "$refresh")
[[ $status == 2* ]] || echo "Azure answered $status when asked to read the key anew. If the app does not start, restart it."

if [[ -t 1 ]]; then
  printf "\nThe first owner's key, shown this once:\n\n  %s\n\n" "$key"
else
  echo "The first owner's key was made. It is not shown, because this is no terminal."
fi
echo "Who holds the role Key Vault Secrets User on it reads it again with"
echo "  az keyvault secret show --vault-name $SECRETFUNCTIONS_VAULT --name $SECRETFUNCTIONS_FIRST_KEY_SECRET --query value --output tsv"
