// From changed secrets of other vaults to the queue, without a public webhook: Event Grid delivers as an identity that may write there and nothing else.

@description('Part of every name.')
param token string

@description('Region of the identity.')
param location string

@description('Tags.')
param tags object

@description('Storage account of the queue.')
param storageName string

@description('The queue.')
param queueName string

@description('Vaults: resource id and region.')
param vaults array

// Storage Queue Data Message Sender: put messages in, take none out.
var messageSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'

module sender 'br/public:avm/res/managed-identity/user-assigned-identity:0.4.1' = {
  name: 'event-sender'
  params: {
    name: 'id-events-${token}'
    location: location
    tags: tags
    enableTelemetry: false
  }
}

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName

  resource queues 'queueServices' existing = {
    name: 'default'

    resource queue 'queues' existing = {
      name: queueName
    }
  }
}

resource mayDeliver 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::queues::queue.id, 'id-events-${token}', messageSender)
  scope: account::queues::queue
  properties: {
    principalId: sender.outputs.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', messageSender)
  }
}

module topics 'br/public:avm/res/event-grid/system-topic:0.6.3' = [for vault in vaults: {
  name: take('topic-${last(split(vault.id, '/'))}-${uniqueString(vault.id)}', 64)
  params: {
    name: 'evgt-${last(split(vault.id, '/'))}-${token}'
    location: vault.location
    tags: tags
    source: vault.id
    topicType: 'Microsoft.KeyVault.vaults'
    managedIdentities: {
      userAssignedResourceIds: [
        sender.outputs.resourceId
      ]
    }
    eventSubscriptions: [
      {
        name: 'rotation'
        eventDeliverySchema: 'EventGridSchema'
        filter: {
          includedEventTypes: [
            'Microsoft.KeyVault.SecretNewVersionCreated'
            'Microsoft.KeyVault.SecretExpired'
          ]
        }
        deliveryWithResourceIdentity: {
          identity: {
            type: 'UserAssigned'
            userAssignedIdentity: sender.outputs.resourceId
          }
          destination: {
            endpointType: 'StorageQueue'
            properties: {
              resourceId: account.id
              queueName: queueName
              // An event only hastens what the timer does within minutes: an old one is worth nothing.
              queueMessageTimeToLiveInSeconds: 3600
            }
          }
        }
        retryPolicy: {
          maxDeliveryAttempts: 10
          eventTimeToLiveInMinutes: 60
        }
      }
    ]
    enableTelemetry: false
  }
  dependsOn: [
    mayDeliver
  ]
}]
