# As postdeploy.sh, for Windows: waits until the service is ready, looks whether it is the issuer it should be, and shows the first request.
$ErrorActionPreference = 'Stop'
foreach ($name in 'SECRETFUNCTIONS_URL', 'SECRETFUNCTIONS_ISSUER', 'SECRETFUNCTIONS_FIRST_CURL') {
    if (-not [Environment]::GetEnvironmentVariable($name)) { throw "$name is not set: run this through azd: azd hooks run postdeploy" }
}

if ($env:SECRETFUNCTIONS_DNS_RECORDS) {
    Write-Host "DNS records that the custom domain needs, if they are not there yet:`n$($env:SECRETFUNCTIONS_DNS_RECORDS.Replace('\n', "`n"))`n"
}

$seconds = if ($env:SECRETFUNCTIONS_READY_SECONDS) { [int]$env:SECRETFUNCTIONS_READY_SECONDS } else { 300 }
$deadline = (Get-Date).AddSeconds($seconds)
while ($true) {
    try {
        $ready = Invoke-WebRequest -Uri "$($env:SECRETFUNCTIONS_URL)/health/ready" -TimeoutSec 20 -SkipHttpErrorCheck
        if ($ready.StatusCode -eq 200) { break }
        $says = "$($ready.StatusCode) $($ready.Content)"
    } catch {
        $says = $_.Exception.Message
    }
    if ((Get-Date) -gt $deadline) {
        throw "$($env:SECRETFUNCTIONS_URL) is not ready: $says. Why a start was refused stands in the log as one sentence: docs/deploy.md, `"When it does not start`"."
    }
    Start-Sleep -Seconds 5
}
Write-Host "Ready: $($ready.Content)"

$discovery = Invoke-RestMethod -Uri "$($env:SECRETFUNCTIONS_ISSUER)/.well-known/openid-configuration" -TimeoutSec 20
if ($discovery.issuer -cne $env:SECRETFUNCTIONS_ISSUER) {
    throw "The discovery document names another issuer than $($env:SECRETFUNCTIONS_ISSUER): clouds will refuse its tokens."
}
Write-Host "Issuer: $($env:SECRETFUNCTIONS_ISSUER)`n`nThe first request, with the key that was shown, in bash:`n`n  $($env:SECRETFUNCTIONS_FIRST_CURL)`n"
