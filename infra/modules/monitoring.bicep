// Logs, traces and metrics: a workspace, and Application Insights over it that takes nothing without an identity.

@description('Part of every name.')
param token string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Days that logs and traces are kept.')
param retentionDays int

@description('Object id of the identity that sends telemetry.')
param appPrincipalId string

// Monitoring Metrics Publisher: send telemetry, read none.
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

module workspace 'br/public:avm/res/operational-insights/workspace:0.11.1' = {
  name: 'workspace'
  params: {
    name: 'log-secrets-${token}'
    location: location
    tags: tags
    dataRetention: retentionDays
    enableTelemetry: false
  }
}

module insights 'br/public:avm/res/insights/component:0.6.0' = {
  name: 'insights'
  params: {
    name: 'appi-secrets-${token}'
    location: location
    tags: tags
    workspaceResourceId: workspace.outputs.resourceId
    disableLocalAuth: true
    enableTelemetry: false
    roleAssignments: [
      {
        principalId: appPrincipalId
        principalType: 'ServicePrincipal'
        roleDefinitionIdOrName: metricsPublisher
      }
    ]
  }
}

@description('Resource id of the workspace.')
output workspaceId string = workspace.outputs.resourceId

@description('Resource id of Application Insights.')
output insightsId string = insights.outputs.resourceId

@description('Where telemetry goes. No secret: without an identity nothing is taken there.')
output connectionString string = insights.outputs.connectionString
