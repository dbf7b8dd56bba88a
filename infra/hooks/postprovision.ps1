# As postprovision.sh, for Windows: makes the first owner's key, once, and puts it into the vault, from where the app reads it as a reference.
# The key is on no command line, in no azd environment file and in no log.
$ErrorActionPreference = 'Stop'
foreach ($name in 'SECRETFUNCTIONS_VAULT_ID', 'SECRETFUNCTIONS_VAULT', 'SECRETFUNCTIONS_APP_ID', 'SECRETFUNCTIONS_FIRST_KEY_SECRET') {
    if (-not [Environment]::GetEnvironmentVariable($name)) { throw "$name is not set: run this through azd: azd hooks run postprovision" }
}

$management = if ($env:AZURE_RESOURCE_MANAGER_URL) { $env:AZURE_RESOURCE_MANAGER_URL.TrimEnd('/') } else { 'https://management.azure.com' }
$secret = "$management$($env:SECRETFUNCTIONS_VAULT_ID)/secrets/$($env:SECRETFUNCTIONS_FIRST_KEY_SECRET)?api-version=2023-07-01"
$refresh = "$management$($env:SECRETFUNCTIONS_APP_ID)/config/configreferences/appsettings/refresh?api-version=2022-03-01"

$token = (azd auth token --output json --scope "$management/.default" | ConvertFrom-Json).token
if (-not $token) { throw 'azd has no token: run azd auth login, then azd hooks run postprovision.' }
$headers = @{ Authorization = "Bearer $token" }

$status = (Invoke-WebRequest -Uri $secret -Headers $headers -SkipHttpErrorCheck).StatusCode
if ($status -eq 200) {
    Write-Host "The first owner's key is in $($env:SECRETFUNCTIONS_VAULT) already; it is left as it is."
    exit 0
}
if ($status -ne 404) { throw "Azure answered $status when asked for the first owner's key; see docs/deploy.md." }

$key = [Convert]::ToHexString([Security.Cryptography.RandomNumberGenerator]::GetBytes(32)).ToLowerInvariant()
$body = @{ properties = @{ value = $key; contentType = "API key of the deployment's operator" } } | ConvertTo-Json
$status = (Invoke-WebRequest -Method Put -Uri $secret -Headers $headers -ContentType 'application/json' -Body $body -SkipHttpErrorCheck).StatusCode
if ($status -notin 200, 201) {
    throw "Azure answered $status when given the first owner's key. 409: a deleted one is in the way; recover it: az keyvault secret recover --vault-name $($env:SECRETFUNCTIONS_VAULT) --name $($env:SECRETFUNCTIONS_FIRST_KEY_SECRET)"
}

# The app looked for it when it was made, and would look again tomorrow.
$status = (Invoke-WebRequest -Method Post -Uri $refresh -Headers $headers -SkipHttpErrorCheck).StatusCode
if ($status -ge 300) { Write-Host "Azure answered $status when asked to read the key anew. If the app does not start, restart it." }

if ([Console]::IsOutputRedirected) {
    Write-Host "The first owner's key was made. It is not shown, because this is no terminal."
} else {
    Write-Host "`nThe first owner's key, shown this once:`n`n  $key`n"
}
Write-Host 'Who holds the role Key Vault Secrets User on it reads it again with'
Write-Host "  az keyvault secret show --vault-name $($env:SECRETFUNCTIONS_VAULT) --name $($env:SECRETFUNCTIONS_FIRST_KEY_SECRET) --query value --output tsv"
