// Private endpoints of storage (blobs, queues, tables) and vault, each with the zone that makes its name resolve to it.

@description('Part of every name.')
param token string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Network in which the names resolve.')
param networkId string

@description('Subnet of the endpoints.')
param subnetId string

@description('Storage account.')
param storageId string

@description('Vault.')
param vaultId string

var vaultZone = 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
var endpoints = [
  {
    group: 'blob'
    target: storageId
    zone: 'privatelink.blob.${environment().suffixes.storage}'
  }
  {
    group: 'queue'
    target: storageId
    zone: 'privatelink.queue.${environment().suffixes.storage}'
  }
  {
    group: 'table'
    target: storageId
    zone: 'privatelink.table.${environment().suffixes.storage}'
  }
  {
    group: 'vault'
    target: vaultId
    zone: vaultZone
  }
]

module zones 'br/public:avm/res/network/private-dns-zone:0.7.1' = [for endpoint in endpoints: {
  name: 'zone-${endpoint.group}'
  params: {
    name: endpoint.zone
    location: 'global'
    tags: tags
    virtualNetworkLinks: [
      {
        name: 'link-secrets-${token}'
        virtualNetworkResourceId: networkId
        registrationEnabled: false
      }
    ]
    enableTelemetry: false
  }
}]

module privateEndpoints 'br/public:avm/res/network/private-endpoint:0.11.0' = [for (endpoint, index) in endpoints: {
  name: 'endpoint-${endpoint.group}'
  params: {
    name: 'pep-${endpoint.group}-${token}'
    location: location
    tags: tags
    subnetResourceId: subnetId
    privateLinkServiceConnections: [
      {
        name: endpoint.group
        properties: {
          privateLinkServiceId: endpoint.target
          groupIds: [
            endpoint.group
          ]
        }
      }
    ]
    privateDnsZoneGroup: {
      name: 'default'
      privateDnsZoneGroupConfigs: [
        {
          name: endpoint.group
          privateDnsZoneResourceId: zones[index].outputs.resourceId
        }
      ]
    }
    enableTelemetry: false
  }
}]
