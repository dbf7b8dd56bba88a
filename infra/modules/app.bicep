// The function app on Flex Consumption, and every setting it starts with. A test holds them against those that the code reads.

@description('Name of the app.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Identity that the app runs as.')
param identityId string

@description('Client id of that identity.')
param identityClientId string

@description('Where blobs are, with a slash at the end.')
param blobEndpoint string

@description('Where queues are.')
param queueEndpoint string

@description('Where tables are.')
param tableEndpoint string

@description('The table.')
param tableName string

@description('Container of the package that the app runs from.')
param deploymentContainer string

@description('Queue of rotation events.')
param rotationQueue string

@description('Address of the root key.')
param rootKey string

@description('Address that the root key had before it was restored; empty where it was not.')
param rootKeyRestoredFrom string

@description('Address of the signing key; empty where keys in the store sign.')
param signingKey string

@description('Address of the secret with the first key.')
param firstKeySecret string

@description('Where telemetry goes.')
param insightsConnectionString string

@description('What tokens name as their issuer.')
param issuer string

@description('When maintenance runs.')
param maintenanceSchedule string

@description('Seconds between two rounds of maintenance.')
param maintenanceIntervalSeconds int

@description('When signing keys are looked after.')
param keyRotationSchedule string

@description('Private hosts that provider credentials may name; empty for none.')
param providerAllowedHosts string

@description('Further settings.')
param settings object

@description('HTTP instances that are always ready.')
param alwaysReadyHttpInstances int

@description('Most instances at once.')
param maximumInstanceCount int

@description('Memory of one instance in MB.')
param instanceMemoryMB int

@description('How a new version or setting replaces the old one: RollingUpdate or Recreate.')
param updateStrategy string

@description('Subnet that instances go out from; empty for none.')
param subnetId string

@description('The Front Door that requests must come through; empty for none.')
param frontDoorId string

var serviceSettings = {
  SecretFunctions__Store: 'tables'
  SecretFunctions__Tables__Endpoint: tableEndpoint
  SecretFunctions__Tables__Name: tableName
  SecretFunctions__Root__KeyVaultKey: rootKey
  SecretFunctions__Issuer: issuer
  SecretFunctions__Maintenance__IntervalSeconds: string(maintenanceIntervalSeconds)
  // What the hook put into the vault. Until it has, the reference stays unresolved, and the app refuses to start with it.
  SecretFunctions__BootstrapKey: '@Microsoft.KeyVault(SecretUri=${firstKeySecret})'
}
var restoredKeySettings = {
  SecretFunctions__Root__KeyVaultKeyRestoredFrom: rootKeyRestoredFrom
}
var signingKeySettings = {
  SecretFunctions__SigningKeys__KeyVaultKey: signingKey
}
var allowedHostsSettings = {
  SecretFunctions__Providers__AllowedHosts: providerAllowedHosts
}
var triggerSettings = {
  MaintenanceSchedule: maintenanceSchedule
  KeyRotationSchedule: keyRotationSchedule
  RotationQueue: rotationQueue
}
var platformSettings = {
  AzureWebJobsStorage__blobServiceUri: blobEndpoint
  AzureWebJobsStorage__queueServiceUri: queueEndpoint
  AzureWebJobsStorage__tableServiceUri: tableEndpoint
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsDisableHomepage: 'true'
  AZURE_CLIENT_ID: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
}

// Without a Front Door anybody may call; with one, only what comes through it. Deployments go to another address, which needs an identity.
var frontDoorRules = [
  {
    name: 'front-door'
    action: 'Allow'
    priority: 100
    tag: 'ServiceTag'
    ipAddress: 'AzureFrontDoor.Backend'
    headers: {
      'x-azure-fdid': [
        frontDoorId
      ]
    }
  }
]

module plan 'br/public:avm/res/web/serverfarm:0.1.1' = {
  name: 'plan'
  params: {
    name: 'plan-${name}'
    location: location
    tags: tags
    sku: {
      name: 'FC1'
      tier: 'FlexConsumption'
    }
    reserved: true
    enableTelemetry: false
  }
}

module site 'br/public:avm/res/web/site:0.15.1' = {
  name: 'site'
  params: {
    name: name
    location: location
    tags: union(tags, { 'azd-service-name': 'api' })
    kind: 'functionapp,linux'
    serverFarmResourceId: plan.outputs.resourceId
    httpsOnly: true
    clientAffinityEnabled: false
    managedIdentities: {
      userAssignedResourceIds: [
        identityId
      ]
    }
    keyVaultAccessIdentityResourceId: identityId
    basicPublishingCredentialsPolicies: [
      {
        name: 'scm'
        allow: false
      }
    ]
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobEndpoint}${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyHttpInstances > 0 ? [
          {
            name: 'http'
            instanceCount: alwaysReadyHttpInstances
          }
        ] : []
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      siteUpdateStrategy: {
        type: updateStrategy
      }
    }
    siteConfig: {
      alwaysOn: false
      minTlsVersion: '1.2'
      ipSecurityRestrictions: empty(frontDoorId) ? [] : frontDoorRules
      ipSecurityRestrictionsDefaultAction: empty(frontDoorId) ? 'Allow' : 'Deny'
    }
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    appSettingsKeyValuePairs: union(
      settings,
      serviceSettings,
      empty(rootKeyRestoredFrom) ? {} : restoredKeySettings,
      empty(signingKey) ? {} : signingKeySettings,
      empty(providerAllowedHosts) ? {} : allowedHostsSettings,
      triggerSettings,
      platformSettings
    )
    enableTelemetry: false
  }
}

@description('Name.')
output name string = site.outputs.name

@description('Resource id.')
output id string = site.outputs.resourceId
