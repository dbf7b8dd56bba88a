// A user-assigned managed identity that tokens of this service may stand for, and a vault it may read. An app registration works as well,
// and needs rights in the directory: use the commands or the Terraform module for that.
//
//   az deployment group create --resource-group GROUP --template-file main.bicep

targetScope = 'resourceGroup'

@description('The issuer of the tokens, letter by letter: SecretFunctions:Issuer, without a slash at its end.')
param issuer string

@description('The audience of the tokens.')
param audience string = 'api://AzureADTokenExchange'

@description('Who may become the identity: subjects, exactly.')
@minLength(1)
@maxLength(20)
param subjects array

@description('The identity, which is made if it is not there.')
param identityName string = 'secretfunctions'

@description('A vault in this resource group whose secrets it may read.')
param vaultName string

@description('Where the identity lies.')
param location string = resourceGroup().location

// Key Vault Secrets User
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: identityName
  location: location
}

// One after another: an identity refuses two at a time.
@batchSize(1)
resource federatedCredentials 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = [for subject in subjects: {
  parent: identity
  name: '${take(replace(replace(replace(subject, ':', '-'), '.', '-'), '%', '-'), 100)}-${uniqueString(subject)}'
  properties: {
    issuer: issuer
    subject: subject
    audiences: [
      audience
    ]
  }
}]

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource readSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identity.id, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

@description('The tenantId of the workload identity configuration.')
output tenantId string = identity.properties.tenantId

@description('The clientId of the workload identity configuration.')
output clientId string = identity.properties.clientId
