#!/bin/sh
# With a token that may write policies and auth methods. It may be run again. With OpenBao: alias vault=bao
set -eu
export VAULT_ADDR='https://vault.example.com:8200'
# export VAULT_NAMESPACE=...   where the credential names one

# What may be read: KV version 2 below the mount "secret". Put your own path in the place of REPLACE-WITH-YOUR-PATH.
vault policy write secretfunctions-read - <<'HCL'
# Values.
path "secret/data/REPLACE-WITH-YOUR-PATH/*" {
  capabilities = ["read"]
}

# Versions and names, never values: rotations are noticed, and names autocomplete. It can be left out.
path "secret/metadata/REPLACE-WITH-YOUR-PATH/*" {
  capabilities = ["read", "list"]
}
HCL

# The method. A mount takes one issuer: where another is in use here already, choose another mount.
vault auth list -format=json | grep -qF '"jwt/"' || vault auth enable -path='jwt' jwt
vault write 'auth/jwt/config' - <<'JSON'
{
  "oidc_discovery_url": "https://secrets.example.com",
  "bound_issuer": "https://secrets.example.com"
}
JSON

# Whom it lets in.
vault write 'auth/jwt/role/secretfunctions' - <<'JSON'
{
  "role_type": "jwt",
  "user_claim": "sub",
  "bound_audiences": [
    "https://vault.example.com:8200"
  ],
  "bound_subject": "org:acme:project:web:environment:prod:automation:crew",
  "token_policies": [
    "secretfunctions-read"
  ],
  "token_no_default_policy": false,
  "token_ttl": "1h",
  "token_max_ttl": "1h"
}
JSON
