// A network of its own: one subnet that the app's instances go out from, one for private endpoints.

@description('Part of every name.')
param token string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Address space.')
param addressPrefix string

var endpointSubnet = 'private-endpoints'
var appSubnet = 'app'

module network 'br/public:avm/res/network/virtual-network:0.6.1' = {
  name: 'virtual-network'
  params: {
    name: 'vnet-secrets-${token}'
    location: location
    tags: tags
    addressPrefixes: [
      addressPrefix
    ]
    subnets: [
      {
        name: endpointSubnet
        addressPrefix: cidrSubnet(addressPrefix, 26, 0)
        privateEndpointNetworkPolicies: 'Disabled'
        privateLinkServiceNetworkPolicies: 'Enabled'
        defaultOutboundAccess: false
      }
      {
        // An address for each instance, with room for those that come while others go. Other clouds are reached from here too.
        name: appSubnet
        addressPrefix: cidrSubnet(addressPrefix, 25, 1)
        delegation: 'Microsoft.App/environments'
        privateEndpointNetworkPolicies: 'Disabled'
        privateLinkServiceNetworkPolicies: 'Enabled'
        defaultOutboundAccess: true
      }
    ]
    enableTelemetry: false
  }
}

@description('Resource id.')
output networkId string = network.outputs.resourceId

@description('Resource id of the subnet of private endpoints.')
output endpointSubnetId string = '${network.outputs.resourceId}/subnets/${endpointSubnet}'

@description('Resource id of the subnet of the app.')
output appSubnetId string = '${network.outputs.resourceId}/subnets/${appSubnet}'
