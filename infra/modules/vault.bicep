// The vault of the deployment's own keys, and of nothing else. The root key wraps and unwraps; it cannot be read, and cannot be purged.

@description('Part of every name.')
param token string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Whether the keys are protected by hardware.')
param hardwareKeys bool

@description('Size of the keys.')
param keyBits int

@description('Name of the root key.')
param rootKeyName string

@description('Whether there is a signing key too.')
param signInVault bool

@description('Days that what is deleted can be recovered for.')
param retentionDays int

@description('Whether it is reached over private endpoints alone.')
param isPrivate bool

@description('Object id of the identity that the app runs as.')
param appPrincipalId string

@description('Workspace that keeps the record of who used which key.')
param workspaceId string

var name = 'kv-sf-${token}'
var keyType = hardwareKeys ? 'RSA-HSM' : 'RSA'
var signingKeyName = 'issuer'
var firstKeySecretName = 'first-owner-key'

// Key Vault Crypto Service Encryption User: read the public half, wrap and unwrap. Nothing that "Crypto User" may do besides.
var wrapAndUnwrap = 'e147488a-f6f5-4113-8e2d-b22465e65bf6'
// Key Vault Crypto User: there is no smaller one that may sign. On that key alone.
var cryptoUser = '12338af0-0e69-4776-bea7-57ae8d297424'
// Key Vault Secrets User: read the first key, the only secret here.
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

var rootKeys = [
  {
    name: rootKeyName
    kty: keyType
    keySize: keyBits
    keyOps: [
      'wrapKey'
      'unwrapKey'
    ]
    roleAssignments: [
      {
        principalId: appPrincipalId
        principalType: 'ServicePrincipal'
        roleDefinitionIdOrName: wrapAndUnwrap
      }
    ]
  }
]
var signingKeys = [
  {
    name: signingKeyName
    kty: keyType
    keySize: keyBits
    keyOps: [
      'sign'
      'verify'
    ]
    roleAssignments: [
      {
        principalId: appPrincipalId
        principalType: 'ServicePrincipal'
        roleDefinitionIdOrName: cryptoUser
      }
    ]
  }
]

module vault 'br/public:avm/res/key-vault/vault:0.13.3' = {
  name: 'key-vault'
  params: {
    name: name
    location: location
    tags: tags
    sku: hardwareKeys ? 'premium' : 'standard'
    enableRbacAuthorization: true
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: retentionDays
    enableVaultForDeployment: false
    enableVaultForDiskEncryption: false
    enableVaultForTemplateDeployment: false
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: isPrivate ? 'None' : 'AzureServices'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
    // A key that is there already stays as it is: no new version, whatever stands here.
    keys: concat(rootKeys, signInVault ? signingKeys : [])
    roleAssignments: [
      {
        principalId: appPrincipalId
        principalType: 'ServicePrincipal'
        roleDefinitionIdOrName: secretsUser
      }
    ]
    diagnosticSettings: [
      {
        workspaceResourceId: workspaceId
        logCategoriesAndGroups: [
          {
            categoryGroup: 'audit'
          }
        ]
        metricCategories: []
      }
    ]
    enableTelemetry: false
  }
}

var address = 'https://${name}${environment().suffixes.keyvaultDns}'

@description('Resource id.')
output id string = vault.outputs.resourceId

@description('Name.')
output name string = vault.outputs.name

@description('Address of the root key, without a version: whichever is current wraps, and each unwraps what it wrapped.')
output rootKey string = '${address}/keys/${rootKeyName}'

@description('Address of the signing key; empty where there is none.')
output signingKey string = signInVault ? '${address}/keys/${signingKeyName}' : ''

@description('Name of the secret that the first key is put into, by the hook after provisioning.')
output firstKeySecretName string = firstKeySecretName

@description('Address of that secret.')
output firstKeySecret string = '${address}/secrets/${firstKeySecretName}'
