// Everything that is stored, but for the keys: the table, the queue of rotation events, and the package the app runs from. No shared keys: who
// has no role sees nothing.

@description('Part of every name.')
param token string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Replication.')
param skuName string

@description('Queue of rotation events.')
param rotationQueue string

@description('Container of the package the app runs from.')
param deploymentContainer string

@description('Whether it is reached over private endpoints alone.')
param isPrivate bool

@description('Whether Event Grid delivers into the queue. A trusted service, it comes past the network rules with its identity, for as long as the public network is not switched off.')
param takesEvents bool

@description('Object id of the identity that the app runs as.')
param appPrincipalId string

var tableName = 'SecretFunctions'

// Roles by the least that does: the host keeps leases and reads the package in blobs, and makes a poison queue beside the queue; the store is the table.
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

module account 'br/public:avm/res/storage/storage-account:0.8.3' = {
  name: 'storage-account'
  params: {
    name: 'stsecrets${token}'
    location: location
    tags: tags
    skuName: skuName
    kind: 'StorageV2'
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    dnsEndpointType: 'Standard'
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: isPrivate && !takesEvents ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
    blobServices: {
      containers: [
        {
          name: deploymentContainer
        }
      ]
    }
    queueServices: {
      queues: [
        {
          name: rotationQueue
        }
      ]
    }
    tableServices: {
      tables: [
        {
          name: tableName
        }
      ]
    }
    roleAssignments: [
      {
        principalId: appPrincipalId
        principalType: 'ServicePrincipal'
        roleDefinitionIdOrName: blobDataOwner
      }
      {
        principalId: appPrincipalId
        principalType: 'ServicePrincipal'
        roleDefinitionIdOrName: queueDataContributor
      }
      {
        principalId: appPrincipalId
        principalType: 'ServicePrincipal'
        roleDefinitionIdOrName: tableDataContributor
      }
    ]
    enableTelemetry: false
  }
}

@description('Resource id.')
output id string = account.outputs.resourceId

@description('Name.')
output name string = account.outputs.name

@description('Where blobs are, with a slash at the end.')
output blobEndpoint string = 'https://${account.outputs.name}.blob.${environment().suffixes.storage}/'

@description('Where queues are.')
output queueEndpoint string = 'https://${account.outputs.name}.queue.${environment().suffixes.storage}'

@description('Where tables are.')
output tableEndpoint string = 'https://${account.outputs.name}.table.${environment().suffixes.storage}'

@description('The table.')
output tableName string = tableName
