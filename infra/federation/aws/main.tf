terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.81"
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  # Condition keys and the provider's ARN name the issuer without its scheme.
  issuer_host  = trimprefix(var.issuer, "https://")
  provider_arn = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:oidc-provider/${local.issuer_host}"
  wildcard     = anytrue([for subject in var.subjects : length(regexall("[*]", subject)) > 0])

  # In a condition ${ begins a variable of IAM's, and ${$} is the dollar sign.
  audience = replace(var.audience, "$${", "$${$}{")
  subjects = [for subject in var.subjects : replace(subject, "$${", "$${$}{")]
}

# No thumbprint: AWS checks the issuer's certificate with authorities it knows.
resource "aws_iam_openid_connect_provider" "secretfunctions" {
  count          = var.create_provider ? 1 : 0
  url            = var.issuer
  client_id_list = [var.audience]
}

resource "aws_iam_role" "secretfunctions" {
  name = var.role_name
  path = var.role_path

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.provider_arn }
      # Tokens carry session tags, and AWS refuses such a token whole where the role may not be tagged.
      Action = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
      Condition = merge(
        { StringEquals = merge({ "${local.issuer_host}:aud" = local.audience }, local.wildcard ? {} : { "${local.issuer_host}:sub" = local.subjects }) },
        local.wildcard ? { StringLike = { "${local.issuer_host}:sub" = local.subjects } } : {}
      )
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.secretfunctions]
}

resource "aws_iam_role_policy" "secretfunctions" {
  name = "secretfunctions-read"
  role = aws_iam_role.secretfunctions.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadTheseSecrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
        Resource = var.secret_arns
      },
      {
        Sid      = "BatchAndListHaveNoResource"
        Effect   = "Allow"
        Action   = concat(["secretsmanager:BatchGetSecretValue"], var.allow_list ? ["secretsmanager:ListSecrets"] : [])
        Resource = "*"
      }
    ]
  })
}
