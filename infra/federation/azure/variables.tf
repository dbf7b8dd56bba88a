variable "issuer" {
  description = "The issuer of the tokens, letter by letter: SecretFunctions:Issuer, without a slash at its end."
  type        = string

  validation {
    condition     = startswith(var.issuer, "https://") && !endswith(var.issuer, "/")
    error_message = "The issuer begins with https:// and has no slash at its end."
  }
}

variable "audience" {
  description = "The audience of the tokens. The clouds of China and the US Government have names of their own for it."
  type        = string
  default     = "api://AzureADTokenExchange"
}

variable "subjects" {
  description = "Who may become the application: subjects, exactly."
  type        = list(string)

  validation {
    condition     = length(var.subjects) > 0 && length(var.subjects) <= 20
    error_message = "An application has 1 to 20 federated credentials, one for each subject."
  }
}

variable "client_id" {
  description = "The application (client) id of an app registration that exists. For a managed identity use main.bicep."
  type        = string
}

variable "key_vault_ids" {
  description = "What may be read: resource ids of vaults, or of secrets (VAULT/secrets/NAME)."
  type        = list(string)
}
