variable "issuer" {
  description = "The issuer of the tokens, letter by letter: SecretFunctions:Issuer, without a slash at its end."
  type        = string

  validation {
    condition     = startswith(var.issuer, "https://") && !endswith(var.issuer, "/")
    error_message = "The issuer begins with https:// and has no slash at its end."
  }
}

variable "audience" {
  description = "The audience of the tokens: by default https://iam.googleapis.com/ and the provider's full name."
  type        = string
}

variable "subjects" {
  description = "Who is let in: subjects, exactly; or, with a star at the end, whatever begins so. Then members must be given."
  type        = list(string)

  validation {
    condition     = length(var.subjects) > 0
    error_message = "Name at least one subject."
  }
}

variable "members" {
  description = "Whom roles are bound to, as IAM names them (principalSet://...). Empty: each subject by itself."
  type        = list(string)
  default     = []
}

variable "attribute_mapping" {
  description = "What Google keeps of a token. Only claims that tokens have: with a coarser subjectScope there are fewer."
  type        = map(string)
  default = {
    "google.subject" = "assertion.sub"
  }
}

variable "project_number" {
  description = "The number of the pool's project."
  type        = string
}

variable "pool_id" {
  description = "The workload identity pool."
  type        = string
  default     = "secretfunctions"
}

variable "provider_id" {
  description = "The provider in the pool."
  type        = string
  default     = "secretfunctions"
}

variable "service_account" {
  description = "The e-mail address of a service account to become. Null: roles are bound to the pool's principals themselves."
  type        = string
  default     = null
}

variable "secrets" {
  description = "The secrets that may be read: projects/PROJECT/secrets/NAME."
  type        = list(string)
}
