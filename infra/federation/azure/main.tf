terraform {
  required_version = ">= 1.3"

  required_providers {
    azuread = {
      source  = "hashicorp/azuread"
      version = ">= 2.44"
    }
    azurerm = {
      source  = "hashicorp/azurerm"
      version = ">= 3.0"
    }
  }
}

data "azuread_application" "secretfunctions" {
  client_id = var.client_id
}

data "azuread_service_principal" "secretfunctions" {
  client_id = var.client_id
}

# Entra ID compares exactly, so each subject needs a credential of its own.
resource "azuread_application_federated_identity_credential" "secretfunctions" {
  for_each       = toset(var.subjects)
  application_id = data.azuread_application.secretfunctions.id
  display_name   = "${substr(replace(each.value, "/[^A-Za-z0-9_-]/", "-"), 0, 100)}-${substr(sha256(each.value), 0, 8)}"
  issuer         = var.issuer
  subject        = each.value
  audiences      = [var.audience]
}

resource "azurerm_role_assignment" "secretfunctions" {
  for_each             = toset(var.key_vault_ids)
  scope                = each.value
  role_definition_name = "Key Vault Secrets User"
  principal_id         = data.azuread_service_principal.secretfunctions.object_id
}
