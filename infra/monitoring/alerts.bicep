// Alert rules over what SecretFunctions tells (docs/telemetry.md). Each has an entry of its name in docs/operations.md.

@description('Resource id of the Log Analytics workspace behind Application Insights.')
param workspaceId string

@description('Where the rules lie: the region of the workspace.')
param location string = resourceGroup().location

@description('Before the name of every rule.')
@minLength(1)
@maxLength(60)
param namePrefix string = 'secretfunctions'

@description('Whose telemetry to look at: OTEL_SERVICE_NAME of the deployment, or its default.')
@minLength(1)
param roleName string = 'secretfunctions'

@description('Resource ids of the action groups to notify. With none, alerts are shown in the portal and nobody is told.')
param actionGroupIds array = []

@description('Whether the rules are evaluated.')
param enabled bool = true

@description('resolve-error-rate: percent of resolves that fail through no fault of the caller.')
@minValue(1)
@maxValue(100)
param resolveErrorPercent int = 5

@description('resolve-p95: milliseconds.')
@minValue(50)
@maxValue(60000)
param resolveP95Milliseconds int = 2000

@description('provider-errors: percent of the calls to one provider.')
@minValue(1)
@maxValue(100)
param providerErrorPercent int = 25

@description('maintenance-lag: seconds. Several times the interval of the timer.')
@minValue(60)
@maxValue(86400)
param maintenanceLagSeconds int = 900

@description('authentication-failures: requests within 15 minutes.')
@minValue(1)
@maxValue(1000000)
param authenticationFailures int = 200

@description('Tags of the rules.')
param tags object = {}

// {role} stands for roleName. Metrics are expected as deltas: of a histogram, Sum is the total and ItemCount how many there were.
var metrics = '''
let metrics = (name: string) { AppMetrics | where AppRoleName == '{role}' and Name == name };
'''

var alerts = [
  {
    name: 'resolve-error-rate'
    description: 'Resolves fail: automations do not start.'
    severity: 1
    frequency: 'PT5M'
    window: 'PT15M'
    dimension: ''
    threshold: resolveErrorPercent
    query: '''
metrics('secretfunctions.resolve.duration')
| extend outcome = tostring(Properties['secretfunctions.outcome'])
| summarize total = sum(ItemCount), failed = sumif(ItemCount, outcome in ('resolve.failed', 'partial', 'store.unavailable', 'root_key.unavailable', 'internal'))
| where total >= 20
| project value = 100.0 * failed / total
'''
  }
  {
    name: 'resolve-p95'
    description: 'Resolves are slow.'
    severity: 2
    frequency: 'PT5M'
    window: 'PT15M'
    dimension: ''
    threshold: resolveP95Milliseconds
    query: '''
AppRequests
| where AppRoleName == '{role}' and Name == 'POST /v1/resolve'
| summarize total = sum(ItemCount), value = percentilew(DurationMs, ItemCount, 95)
| where total >= 20
| project value
'''
  }
  {
    name: 'provider-errors'
    description: 'Calls to one kind of external store fail.'
    severity: 2
    frequency: 'PT5M'
    window: 'PT15M'
    dimension: 'provider'
    threshold: providerErrorPercent
    query: '''
metrics('secretfunctions.provider.call.duration')
| extend provider = tostring(Properties['secretfunctions.provider']), outcome = tostring(Properties['secretfunctions.outcome'])
| summarize total = sum(ItemCount), failed = sumif(ItemCount, outcome != 'success' and outcome != 'provider.secret_not_found') by provider
| where total >= 20
| project provider, value = 100.0 * failed / total
'''
  }
  {
    name: 'breaker-open'
    description: 'A store failed again and again and is left alone between tries.'
    severity: 2
    frequency: 'PT5M'
    window: 'PT15M'
    dimension: 'provider'
    threshold: 2
    query: '''
metrics('secretfunctions.provider.breaker.opened')
| summarize value = sum(Sum) by provider = tostring(Properties['secretfunctions.provider'])
'''
  }
  {
    name: 'maintenance-lag'
    description: 'The timer does not finish its rounds: rotations are noticed late, expired entries stay.'
    severity: 2
    frequency: 'PT5M'
    window: 'PT15M'
    dimension: ''
    threshold: maintenanceLagSeconds
    query: '''
metrics('secretfunctions.maintenance.lag')
| where ItemCount > 0
| summarize samples = count(), value = min(Sum / ItemCount)
| where samples > 0
| project value
'''
  }
  {
    name: 'signing-key-overdue'
    description: 'The key that signs tokens should have been replaced by now.'
    severity: 2
    frequency: 'PT15M'
    window: 'PT1H'
    dimension: ''
    threshold: 0
    query: '''
metrics('secretfunctions.signing_key.rotation_due')
| where ItemCount > 0
| summarize samples = count(), due = max(Sum / ItemCount)
| where samples > 0
| project value = -due
'''
  }
  {
    name: 'credential-near-expiry'
    description: 'A static credential has ended, or ends within a week.'
    severity: 2
    frequency: 'PT1H'
    window: 'PT1H'
    dimension: 'threshold'
    threshold: 0
    query: '''
metrics('secretfunctions.credential.expiring')
| extend threshold = tostring(Properties['secretfunctions.threshold'])
| where threshold in ('expired', '1-day', '7-days') and ItemCount > 0
| summarize value = max(Sum / ItemCount) by threshold
'''
  }
  {
    name: 'audit-write-failures'
    description: 'The audit log cannot be written: nothing is handed out.'
    severity: 1
    frequency: 'PT5M'
    window: 'PT5M'
    dimension: ''
    threshold: 0
    query: '''
metrics('secretfunctions.audit.write.duration')
| where tostring(Properties['secretfunctions.outcome']) != 'success'
| summarize value = sum(ItemCount)
'''
  }
  {
    name: 'authentication-failures'
    description: 'Many requests by callers who are not recognized.'
    severity: 2
    frequency: 'PT5M'
    window: 'PT15M'
    dimension: ''
    threshold: authenticationFailures
    query: '''
metrics('secretfunctions.authentication.failures')
| summarize value = sum(Sum)
'''
  }
  {
    name: 'not-ready'
    description: 'A part of the service is not ready.'
    severity: 1
    frequency: 'PT5M'
    window: 'PT5M'
    dimension: 'part'
    threshold: 1
    query: '''
metrics('secretfunctions.health.ready')
| where ItemCount > 0 and Sum / ItemCount < 1
| summarize value = count() by part = tostring(Properties['secretfunctions.part'])
'''
  }
]

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: '${namePrefix}-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${namePrefix}: ${alert.name}'
      description: '${alert.description} What to do: docs/operations.md, ${alert.name}.'
      enabled: enabled
      severity: alert.severity
      scopes: [workspaceId]
      evaluationFrequency: alert.frequency
      windowSize: alert.window
      autoMitigate: true
      // The tables are there once something was told; until then a query over them would be refused.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: replace('${metrics}${alert.query}', '{role}', roleName)
            metricMeasureColumn: 'value'
            timeAggregation: 'Maximum'
            operator: 'GreaterThan'
            threshold: alert.threshold
            dimensions: empty(alert.dimension)
              ? []
              : [
                  {
                    name: alert.dimension
                    operator: 'Include'
                    values: ['*']
                  }
                ]
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: actionGroupIds
      }
    }
  }
]

@description('The rules, by name.')
output ruleNames array = [for (alert, index) in alerts: rules[index].name]
