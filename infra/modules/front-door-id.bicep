// The id that a Front Door puts into its requests. In a file of its own, because it can be read only once the profile is there.

@description('Name of the profile.')
param profileName string

resource profile 'Microsoft.Cdn/profiles@2024-02-01' existing = {
  name: profileName
}

@description('The id.')
output id string = profile.properties.frontDoorId
