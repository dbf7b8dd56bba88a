variable "issuer" {
  description = "The issuer of the tokens, letter by letter: SecretFunctions:Issuer, without a slash at its end."
  type        = string

  validation {
    condition     = startswith(var.issuer, "https://") && !endswith(var.issuer, "/")
    error_message = "The issuer begins with https:// and has no slash at its end."
  }
}

variable "audience" {
  description = "The audience of the tokens."
  type        = string
  default     = "sts.amazonaws.com"
}

variable "subjects" {
  description = "Who may become the role: subjects, exactly. A star stands for any text; with one anywhere all of them are patterns."
  type        = list(string)

  validation {
    condition     = length(var.subjects) > 0
    error_message = "Name at least one subject."
  }
}

variable "role_name" {
  description = "The role to become."
  type        = string
  default     = "secretfunctions"
}

variable "role_path" {
  description = "The path of the role: / or /one/."
  type        = string
  default     = "/"
}

variable "secret_arns" {
  description = "The secrets that may be read, as ARNs or patterns."
  type        = list(string)
}

variable "allow_list" {
  description = "Whether names autocomplete (secretsmanager:ListSecrets, which AWS cannot narrow to some secrets)."
  type        = bool
  default     = true
}

variable "create_provider" {
  description = "False where the account has an identity provider for this issuer already. It must then list the audience."
  type        = bool
  default     = true
}
