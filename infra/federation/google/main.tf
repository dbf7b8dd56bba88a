terraform {
  required_version = ">= 1.3"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
  }
}

locals {
  exact    = [for subject in var.subjects : subject if !endswith(subject, "*")]
  prefixes = [for subject in var.subjects : trimsuffix(subject, "*") if endswith(subject, "*")]

  # A JSON string is one of CEL's as well.
  terms = concat(
    length(local.exact) == 1 ? ["assertion.sub == ${jsonencode(local.exact[0])}"] : [],
    length(local.exact) > 1 ? ["assertion.sub in ${jsonencode(local.exact)}"] : [],
    [for prefix in local.prefixes : "assertion.sub.startsWith(${jsonencode(prefix)})"]
  )

  pool    = "principal://iam.googleapis.com/projects/${var.project_number}/locations/global/workloadIdentityPools/${var.pool_id}"
  members = length(var.members) > 0 ? var.members : [for subject in local.exact : "${local.pool}/subject/${subject}"]
  readers = var.service_account == null ? local.members : ["serviceAccount:${var.service_account}"]
}

resource "google_iam_workload_identity_pool" "secretfunctions" {
  project                   = var.project_number
  workload_identity_pool_id = var.pool_id
}

resource "google_iam_workload_identity_pool_provider" "secretfunctions" {
  project                            = var.project_number
  workload_identity_pool_id          = google_iam_workload_identity_pool.secretfunctions.workload_identity_pool_id
  workload_identity_pool_provider_id = var.provider_id
  attribute_mapping                  = var.attribute_mapping
  attribute_condition                = join(" || ", local.terms)

  oidc {
    issuer_uri        = var.issuer
    allowed_audiences = [var.audience]
  }
}

resource "google_service_account_iam_member" "secretfunctions" {
  for_each           = var.service_account == null ? toset([]) : toset(local.members)
  service_account_id = "projects/-/serviceAccounts/${var.service_account}"
  role               = "roles/iam.workloadIdentityUser"
  member             = each.value

  depends_on = [google_iam_workload_identity_pool.secretfunctions]
}

resource "google_secret_manager_secret_iam_member" "secretfunctions" {
  for_each  = { for pair in setproduct(var.secrets, local.readers) : join(" ", pair) => pair }
  secret_id = each.value[0]
  role      = "roles/secretmanager.secretAccessor"
  member    = each.value[1]

  depends_on = [google_iam_workload_identity_pool.secretfunctions]
}
