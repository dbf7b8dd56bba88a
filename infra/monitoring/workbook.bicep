// The dashboard over what SecretFunctions tells (docs/telemetry.md).

@description('Resource id of the Log Analytics workspace behind Application Insights.')
param workspaceId string

@description('Where the workbook lies.')
param location string = resourceGroup().location

@description('How the workbook is called in the portal.')
@minLength(1)
@maxLength(100)
param displayName string = 'SecretFunctions'

@description('Whose telemetry it shows at first: OTEL_SERVICE_NAME of the deployment, or its default.')
@minLength(1)
param roleName string = 'secretfunctions'

@description('Tags of the workbook.')
param tags object = {}

resource workbook 'Microsoft.Insights/workbooks@2022-04-01' = {
  name: guid(resourceGroup().id, workspaceId, displayName)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: displayName
    category: 'workbook'
    sourceId: workspaceId
    serializedData: replace(replace(loadTextContent('workbook.json'), '##workspaceId##', workspaceId), '##roleName##', roleName)
  }
}

@description('Resource id of the workbook.')
output workbookId string = workbook.id
