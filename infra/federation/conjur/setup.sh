#!/bin/sh
# Logged in as an admin at the configuration's address and account (conjur init, conjur login). It may be run again.
set -eu

# The authenticator. Conjur fetches the keys from jwks-uri.
cat > authenticator.yml <<'YAML'
- !policy
  id: "conjur/authn-jwt/secretfunctions"
  body:
    - !webservice
    - !variable jwks-uri
    - !variable issuer
    - !variable audience
    - !variable token-app-property
    - !variable identity-path
    - !group apps
    - !permit
      role: !group apps
      privileges: [ read, authenticate ]
      resource: !webservice
YAML

conjur policy load -b root -f authenticator.yml
conjur variable set --id='conjur/authn-jwt/secretfunctions/jwks-uri' --value='https://secrets.example.com/.well-known/jwks.json'
conjur variable set --id='conjur/authn-jwt/secretfunctions/issuer' --value='https://secrets.example.com'
conjur variable set --id='conjur/authn-jwt/secretfunctions/audience' --value='https://conjur.example.com'
conjur variable set --id='conjur/authn-jwt/secretfunctions/token-app-property' --value='sub'
conjur variable set --id='conjur/authn-jwt/secretfunctions/identity-path' --value='data/secretfunctions'
conjur authenticator enable --id 'authn-jwt/secretfunctions'

# Whom it lets in: a host for each subject.
cat > hosts.yml <<'YAML'
- !policy
  id: "data/secretfunctions"
  body:
    - !group hosts
    - !host
      id: "org:acme:project:web:environment:prod:automation:crew"
      annotations:
        "authn-jwt/secretfunctions/sub": "org:acme:project:web:environment:prod:automation:crew"
    - !grant
      role: !group hosts
      member: !host "org:acme:project:web:environment:prod:automation:crew"
YAML

conjur policy load -b root -f hosts.yml
cat > grant.yml <<'YAML'
- !grant
  role: !group "/conjur/authn-jwt/secretfunctions/apps"
  member: !group "/data/secretfunctions/hosts"
YAML

conjur policy load -b root -f grant.yml

# What they may read: put your own variable, which must be there already, in the place of REPLACE-WITH-YOUR-VARIABLE.
cat > permissions.yml <<'YAML'
- !permit
  role: !group "/data/secretfunctions/hosts"
  privileges: [ read, execute ]
  resources:
    - !variable /data/REPLACE-WITH-YOUR-VARIABLE
YAML

conjur policy load -b root -f permissions.yml
