output "client_id" {
  description = "The clientId of the workload identity configuration."
  value       = var.client_id
}
