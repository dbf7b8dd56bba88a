output "workload_identity_provider" {
  description = "The workloadIdentityProvider of the workload identity configuration."
  value       = google_iam_workload_identity_pool_provider.secretfunctions.name
}
