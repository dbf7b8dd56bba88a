# Values.
path "secret/data/REPLACE-WITH-YOUR-PATH/*" {
  capabilities = ["read"]
}

# Versions and names, never values: rotations are noticed, and names autocomplete. It can be left out.
path "secret/metadata/REPLACE-WITH-YOUR-PATH/*" {
  capabilities = ["read", "list"]
}
