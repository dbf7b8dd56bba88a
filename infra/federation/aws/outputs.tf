output "role_arn" {
  description = "The roleArn of the workload identity configuration."
  value       = aws_iam_role.secretfunctions.arn
}
