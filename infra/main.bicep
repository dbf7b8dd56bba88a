// SecretFunctions on Azure: `azd up` deploys this. What it makes, what it costs and how to change it: docs/deploy.md.
targetScope = 'subscription'

@description('Name of the environment: part of the names of everything made here. azd asks for it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region of everything that has one. It must offer the Flex Consumption plan: az functionapp list-flexconsumption-locations.')
@minLength(1)
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@description('Production keeps an HTTP instance ready, so that no cloud gives up on a cold issuer, and stores in several zones of the region. Development costs less at rest.')
@allowed([
  'production'
  'development'
])
param tier string = 'production'

@description('Public host name of the service, such as secrets.example.com: through Azure Front Door, which brings its certificate. Empty: the name that the platform gives, which is good to try things out. Choose before the first trust policy names the issuer.')
@maxLength(253)
param customDomain string = ''

@description('HTTP instances that are always ready. -1: 1 in production, 0 in development.')
@minValue(-1)
@maxValue(100)
param alwaysReadyHttpInstances int = -1

@description('Most instances there may be at once: a bound on cost as much as on load.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 100

@description('Memory of one instance in MB.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('How a new version or setting replaces the old one. RollingUpdate lets calls that are under way finish (a preview of the platform in 12/2025); Recreate ends them.')
@allowed([
  'RollingUpdate'
  'Recreate'
])
param updateStrategy string = 'RollingUpdate'

@description('Replication of the storage account, which holds everything but the keys. Empty: zones of the region in production, one data center in development. Regions without zones need Standard_LRS or Standard_GRS.')
@allowed([
  ''
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GRS'
  'Standard_RAGRS'
  'Standard_GZRS'
  'Standard_RAGZRS'
])
param storageSku string = ''

@description('Whether storage and vault are reached over private endpoints in a virtual network of their own, and from nowhere else.')
param privateNetwork bool = false

@description('Address space of that network: a /24 or larger that nothing it is peered with uses.')
@minLength(9)
@maxLength(18)
param networkAddressPrefix string = '10.90.0.0/16'

@description('Whether the keys in the vault are protected by a hardware security module. It makes the vault a premium one.')
param hardwareKeys bool = false

@description('Size of the keys in the vault in bits.')
@allowed([
  2048
  3072
  4096
])
param keyBits int = 2048

@description('Whether tokens are signed by a key that never leaves the vault: one request to it for every token. Otherwise by keys in the store, under the root key.')
param signInVault bool = false

@description('Name of the root key in the vault. It is made where there is none; one that is there stays as it is.')
@minLength(1)
@maxLength(127)
param rootKeyName string = 'root'

@description('For a root key restored into this vault from another: the address that it had there. See docs/deploy.md, disaster recovery.')
param rootKeyRestoredFrom string = ''

@description('Days that a deleted vault or key can be recovered for. It cannot be shortened later.')
@minValue(7)
@maxValue(90)
param vaultRetentionDays int = 90

@description('Key vaults whose changed secrets are noticed at once, by Event Grid. In this subscription.')
param watchedVaults watchedVault[] = []

@description('Private hosts that provider credentials may name, as in SecretFunctions:Providers:AllowedHosts: vault.internal:8200,10.0.0.7')
param providerAllowedHosts string = ''

@description('How often maintenance runs: six fields, UTC. Keep maintenanceIntervalSeconds in step.')
@minLength(11)
@maxLength(64)
param maintenanceSchedule string = '0 * * * * *'

@description('Seconds between two rounds of maintenance.')
@minValue(5)
@maxValue(3600)
param maintenanceIntervalSeconds int = 60

@description('How often signing keys are looked after: six fields, UTC. They are rotated when due, not at every run.')
@minLength(11)
@maxLength(64)
param keyRotationSchedule string = '30 7 * * * *'

@description('Days that logs and traces are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Resource ids of action groups that alerts notify. With none, alerts are shown in the portal and nobody is told.')
param alertActionGroupIds array = []

@description('Further settings of docs/configuration.md, as SecretFunctions__Resolve__DeadlineSeconds. One that is not known stops the start.')
param settings object = {}

@description('Further tags of everything made here.')
param tags object = {}

@description('A key vault whose secrets are watched.')
type watchedVault = {
  @description('Its resource id.')
  id: string

  @description('Its region, where the topic must be as well.')
  location: string
}

var token = toLower(uniqueString(subscription().id, environmentName, location))
var allTags = union(tags, { 'azd-env-name': environmentName })
var isProduction = tier == 'production'
var appName = 'func-secrets-${token}'
var platformHost = '${appName}.azurewebsites.net'
var hasCustomDomain = !empty(customDomain)
var publicUrl = 'https://${hasCustomDomain ? toLower(customDomain) : platformHost}'
var readyInstances = alwaysReadyHttpInstances >= 0 ? alwaysReadyHttpInstances : (isProduction ? 1 : 0)
var storageReplication = !empty(storageSku) ? storageSku : (isProduction ? 'Standard_ZRS' : 'Standard_LRS')
var rotationQueue = 'rotation-events'
var deploymentContainer = 'app-package'

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: allTags
}

// Whatever the app does in Azure, it does as this identity: no key and no password is stored anywhere.
module identity 'br/public:avm/res/managed-identity/user-assigned-identity:0.4.1' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-secrets-${token}'
    location: location
    tags: allTags
    enableTelemetry: false
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    retentionDays: logRetentionDays
    appPrincipalId: identity.outputs.principalId
  }
}

// Over what the app tells a collector (docs/telemetry.md): without one there is nothing to look at.
module alerts 'monitoring/alerts.bicep' = if (contains(settings, 'OTEL_EXPORTER_OTLP_ENDPOINT')) {
  name: 'alerts'
  scope: group
  params: {
    workspaceId: monitoring.outputs.workspaceId
    location: location
    actionGroupIds: alertActionGroupIds
    tags: allTags
  }
}

module workbook 'monitoring/workbook.bicep' = if (contains(settings, 'OTEL_EXPORTER_OTLP_ENDPOINT')) {
  name: 'workbook'
  scope: group
  params: {
    workspaceId: monitoring.outputs.workspaceId
    location: location
    tags: allTags
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  name: 'network'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    addressPrefix: networkAddressPrefix
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    skuName: storageReplication
    rotationQueue: rotationQueue
    deploymentContainer: deploymentContainer
    isPrivate: privateNetwork
    takesEvents: !empty(watchedVaults)
    appPrincipalId: identity.outputs.principalId
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    hardwareKeys: hardwareKeys
    keyBits: keyBits
    rootKeyName: rootKeyName
    signInVault: signInVault
    retentionDays: vaultRetentionDays
    isPrivate: privateNetwork
    appPrincipalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module privateEndpoints 'modules/private-endpoints.bicep' = if (privateNetwork) {
  name: 'private-endpoints'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    networkId: privateNetwork ? network!.outputs.networkId : ''
    subnetId: privateNetwork ? network!.outputs.endpointSubnetId : ''
    storageId: storage.outputs.id
    vaultId: vault.outputs.id
  }
}

module domain 'modules/custom-domain.bicep' = if (hasCustomDomain) {
  name: 'custom-domain'
  scope: group
  params: {
    token: token
    tags: allTags
    hostName: toLower(customDomain)
    originHost: platformHost
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  params: {
    name: appName
    location: location
    tags: allTags
    identityId: identity.outputs.resourceId
    identityClientId: identity.outputs.clientId
    blobEndpoint: storage.outputs.blobEndpoint
    queueEndpoint: storage.outputs.queueEndpoint
    tableEndpoint: storage.outputs.tableEndpoint
    tableName: storage.outputs.tableName
    deploymentContainer: deploymentContainer
    rotationQueue: rotationQueue
    rootKey: vault.outputs.rootKey
    rootKeyRestoredFrom: rootKeyRestoredFrom
    signingKey: vault.outputs.signingKey
    firstKeySecret: vault.outputs.firstKeySecret
    insightsConnectionString: monitoring.outputs.connectionString
    issuer: publicUrl
    maintenanceSchedule: maintenanceSchedule
    maintenanceIntervalSeconds: maintenanceIntervalSeconds
    keyRotationSchedule: keyRotationSchedule
    providerAllowedHosts: providerAllowedHosts
    settings: settings
    alwaysReadyHttpInstances: readyInstances
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    updateStrategy: updateStrategy
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    frontDoorId: hasCustomDomain ? domain!.outputs.frontDoorId : ''
  }
  dependsOn: [
    privateEndpoints
  ]
}

module rotationEvents 'modules/rotation-events.bicep' = if (!empty(watchedVaults)) {
  name: 'rotation-events'
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    storageName: storage.outputs.name
    queueName: rotationQueue
    vaults: watchedVaults
  }
}

@description('Resource group of everything made here.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Where the management of Azure answers, for the hooks.')
output AZURE_RESOURCE_MANAGER_URL string = environment().resourceManager

@description('Name of the function app, for azd.')
output SERVICE_API_NAME string = app.outputs.name

@description('Resource id of the function app.')
output SECRETFUNCTIONS_APP_ID string = app.outputs.id

@description('What tokens name as their issuer, and trust policies have to.')
output SECRETFUNCTIONS_ISSUER string = publicUrl

@description('Where the API answers.')
output SECRETFUNCTIONS_URL string = publicUrl

@description('The first request, once SF_KEY holds the first key.')
output SECRETFUNCTIONS_FIRST_CURL string = 'curl -sS -H @<(echo "Authorization: Bearer $SF_KEY") ${publicUrl}/v1/whoami'

@description('Resource id of the vault with the root key and the first key.')
output SECRETFUNCTIONS_VAULT_ID string = vault.outputs.id

@description('Name of the vault.')
output SECRETFUNCTIONS_VAULT string = vault.outputs.name

@description('Name of the secret with the first key.')
output SECRETFUNCTIONS_FIRST_KEY_SECRET string = vault.outputs.firstKeySecretName

@description('Name of the storage account.')
output SECRETFUNCTIONS_STORAGE string = storage.outputs.name

@description('Client id of the identity that the app runs as: grant it access where credentials are "ambient".')
output SECRETFUNCTIONS_IDENTITY_CLIENT_ID string = identity.outputs.clientId

@description('Object id of the same identity.')
output SECRETFUNCTIONS_IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId

@description('Resource id of the workspace with logs and traces.')
output SECRETFUNCTIONS_WORKSPACE_ID string = monitoring.outputs.workspaceId

@description('DNS records that the custom domain needs, one to a line.')
output SECRETFUNCTIONS_DNS_RECORDS string = hasCustomDomain ? domain!.outputs.dnsRecords : ''
