using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Operations;

/// <summary>Calls every operation at least once, in an order in which each finds what it needs.</summary>
internal static class Tour
{
    /// <param name="Route">Method and template.</param>
    /// <param name="Path">What stands for the template; <c>{snapshot}</c> and <c>{key}</c> are learned on the way.</param>
    /// <param name="Learns">The name under which the answer's id is remembered.</param>
    public sealed record Call(string Route, string Path, string? Body, int Status, string? Learns = null)
    {
        public Task<Reply> SendAsync(HttpClient client, IReadOnlyDictionary<string, string> values)
        {
            var path = values.Aggregate(Path, static (path, value) => path.Replace($"{{{value.Key}}}", value.Value, StringComparison.Ordinal));
            var method = new HttpMethod(Route.Split(' ')[0]);
            var type = method == HttpMethod.Patch ? "application/merge-patch+json" : path.Contains("/import", StringComparison.Ordinal) ? "text/plain" : "application/json";
            return client.SendAsync(method, path, Body is null ? null : Requests.Content(Body, type));
        }

        public void Learn(Reply reply, IDictionary<string, string> values)
        {
            if (Learns is not null)
            {
                values[Learns] = (string)(reply.Json["id"] ?? reply.Json["items"]!.AsArray()[^1]!["keys"]![0]!["id"])!;
            }
        }
    }

    public static IReadOnlyList<Call> Calls { get; } =
    [
        new("GET /health/live", "/health/live", null, 200),
        new("GET /health/ready", "/health/ready", null, 200),
        new("GET /v1/whoami", "/v1/whoami", null, 200),
        new("PUT /v1/organizations/{organization}", "/v1/organizations/acme", """{"displayName":"Acme"}""", 201),
        new("PUT /v1/organizations/{organization}", "/v1/organizations/acme", "{}", 200),
        new("GET /v1/organizations/{organization}", "/v1/organizations/acme", null, 200),
        new("POST /v1/events/{source}", "/v1/events/azure-event-grid", "[]", 200),
        new("POST /v1/events/{source}", "/v1/events/aws-eventbridge", "[]", 400),
        new("OPTIONS /v1/events/{source}", "/v1/events/azure-event-grid", null, 400),
        new("PUT /v1/projects/{project}", "/v1/projects/web", "{}", 201),
        new("PUT /v1/projects/{project}", "/v1/projects/web", "{}", 200),
        new("PUT /v1/projects/{project}", "/v1/projects/web", """{"x":1}""", 400),
        new("GET /v1/projects/{project}", "/v1/projects/web", null, 200),
        new("GET /v1/projects/{project}", "/v1/projects/none", null, 404),
        new("PATCH /v1/projects/{project}", "/v1/projects/web", """{"description":"The shop"}""", 200),
        new("GET /v1/projects", "/v1/projects?limit=1", null, 200),
        new("PUT /v1/environments/{environment}", "/v1/environments/qa", "{}", 201),
        new("GET /v1/environments/{environment}", "/v1/environments/qa", null, 200),
        new("GET /v1/environments", "/v1/environments", null, 200),
        new("PUT /v1/automations/{automation}", "/v1/automations/crew", """{"project":"web","owner":"ann@example.org"}""", 201),
        new("GET /v1/automations/{automation}", "/v1/automations/crew", null, 200),
        new("PATCH /v1/automations/{automation}", "/v1/automations/crew", """{"displayName":"Crew"}""", 200),
        new("GET /v1/automations", "/v1/automations?project=web", null, 200),
        new("PUT /v1/variables/{environment}/{key}", "/v1/variables/dev/KEY", """{"value":"1","tags":["a"]}""", 201),
        new("PUT /v1/variables/{environment}/{key}", "/v1/variables/dev/KEY", """{"value":"2"}""", 200),
        new("PATCH /v1/variables/{environment}/{key}", "/v1/variables/dev/KEY", """{"description":"A key"}""", 200),
        new("PUT /v1/variables/{environment}/{key}", "/v1/variables/dev/KEY", """{"sealedValue":"x"}""", 400),
        new("GET /v1/sealing-key", "/v1/sealing-key", null, 200),
        new("GET /v1/variables/{environment}/{key}", "/v1/variables/dev/KEY?scope=organization", null, 200),
        new("GET /v1/variables", "/v1/variables?environment=dev&tag=a", null, 200),
        new("GET /v1/variables/{environment}/{key}/versions", "/v1/variables/dev/KEY/versions", null, 200),
        new("POST /v1/variables/{environment}/{key}/versions/{version}/restore", "/v1/variables/dev/KEY/versions/1/restore", null, 200),
        new("POST /v1/variables/{environment}/{key}/reveal", "/v1/variables/dev/KEY/reveal", null, 200),
        new("POST /v1/variables/{environment}/import", "/v1/variables/dev/import?dryRun=true", "A=1", 200),
        new("POST /v1/variables/{environment}/import", "/v1/variables/dev/import", "not a line", 400),
        new("PUT /v1/provider-credentials/{credential}", "/v1/provider-credentials/aws", """{"provider":"aws-secrets-manager","region":"eu-west-1","auth":{"type":"static","accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}}""", 201),
        new("PUT /v1/provider-credentials/{credential}", "/v1/provider-credentials/aws", """{"provider":"aws-secrets-manager","auth":{"type":"static"}}""", 400),
        new("PATCH /v1/provider-credentials/{credential}", "/v1/provider-credentials/aws", """{"default":true}""", 200),
        new("GET /v1/provider-credentials/{credential}", "/v1/provider-credentials/aws", null, 200),
        new("GET /v1/provider-credentials", "/v1/provider-credentials?provider=aws-secrets-manager", null, 200),
        new("POST /v1/provider-credentials/{credential}/test", "/v1/provider-credentials/aws/test", """{"secret":"openai"}""", 200),
        new("GET /v1/provider-credentials/{credential}/secrets", "/v1/provider-credentials/aws/secrets?prefix=open", null, 200),
        new("PUT /v1/variables/{environment}/{key}", "/v1/variables/dev/REFERENCE", """{"reference":{"provider":"aws-secrets-manager","secret":"openai"}}""", 201),
        new("GET /v1/cache", "/v1/cache?credential=aws", null, 200),
        new("DELETE /v1/cache", "/v1/cache", null, 200),
        new("DELETE /v1/provider-credentials/{credential}", "/v1/provider-credentials/aws", null, 409),
        new("DELETE /v1/provider-credentials/{credential}", "/v1/provider-credentials/aws?force=true", null, 204),
        new("DELETE /v1/variables/{environment}/{key}", "/v1/variables/dev/REFERENCE", null, 204),
        new("PUT /v1/workload-identity-configs/{config}", "/v1/workload-identity-configs/cloud", """{"cloud":"fake","role":"reader"}""", 201),
        new("PUT /v1/workload-identity-configs/{config}", "/v1/workload-identity-configs/cloud", """{"cloud":"fake","rol":"reader"}""", 400),
        new("PATCH /v1/workload-identity-configs/{config}", "/v1/workload-identity-configs/cloud", """{"environments":["dev"]}""", 200),
        new("GET /v1/workload-identity-configs/{config}", "/v1/workload-identity-configs/cloud", null, 200),
        new("GET /v1/workload-identity-configs", "/v1/workload-identity-configs?limit=1", null, 200),
        new("GET /v1/workload-identity-configs/{config}/trust-policy", "/v1/workload-identity-configs/cloud/trust-policy", null, 400),
        new("PUT /v1/workload-identity-configs/{config}", "/v1/workload-identity-configs/aws", """{"cloud":"aws","roleArn":"arn:aws:iam::123456789012:role/reader"}""", 201),
        new("GET /v1/workload-identity-configs/{config}/trust-policy", "/v1/workload-identity-configs/aws/trust-policy?automation=crew&environment=dev", null, 200),
        new("DELETE /v1/workload-identity-configs/{config}", "/v1/workload-identity-configs/aws", null, 204),
        new("PUT /v1/provider-credentials/{credential}", "/v1/provider-credentials/tokens", """{"provider":"fake","auth":{"type":"workload-identity","config":"cloud"}}""", 201),
        new("POST /v1/provider-credentials/{credential}/test", "/v1/provider-credentials/tokens/test?automation=crew", null, 200),
        new("POST /v1/provider-credentials/{credential}/test", "/v1/provider-credentials/tokens/test", null, 400),
        new("POST /v1/workload-identity-configs/{config}/test", "/v1/workload-identity-configs/cloud/test", """{"automation":"crew","credential":"tokens","secret":"openai"}""", 200),
        new("POST /v1/workload-identity-configs/{config}/test", "/v1/workload-identity-configs/cloud/test?automation=crew", null, 200),
        new("POST /v1/workload-identity-configs/{config}/test", "/v1/workload-identity-configs/cloud/test", null, 400),
        new("DELETE /v1/workload-identity-configs/{config}", "/v1/workload-identity-configs/cloud", null, 409),
        new("DELETE /v1/provider-credentials/{credential}", "/v1/provider-credentials/tokens", null, 204),
        new("DELETE /v1/workload-identity-configs/{config}", "/v1/workload-identity-configs/cloud", null, 204),
        new("POST /v1/tokens", "/v1/tokens", """{"audience":"sts.example.com","kickoff":{"id":"1"}}""", 403),
        new("PUT /v1/automations/{automation}/assignments", "/v1/automations/crew/assignments", """{"items":[{"key":"KEY"}]}""", 201),
        new("PUT /v1/automations/{automation}/assignments", "/v1/automations/crew/assignments", """{"items":[{"key":"NONE"}]}""", 400),
        new("GET /v1/automations/{automation}/assignments", "/v1/automations/crew/assignments?environment=dev", null, 200),
        new("POST /v1/resolve", "/v1/resolve", """{"automation":"crew","kickoff":{"id":"1","kind":"crew"}}""", 200),
        new("POST /v1/resolve", "/v1/resolve", """{"automation":"crew","sealTo":{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}""", 200),
        new("POST /v1/resolve", "/v1/resolve", """{"automation":"crew","sealTo":{"kty":"oct"}}""", 400),
        new("POST /v1/render", "/v1/render", """{"automation":"crew","templates":{"t":"{{KEY}}"}}""", 200),
        new("POST /v1/render", "/v1/render", """{"automation":"crew","templates":{"t":"{{NONE}}"}}""", 424),
        new("GET /v1/variables/{environment}/{key}/usage", "/v1/variables/dev/KEY/usage", null, 200),
        new("POST /v1/automations/{automation}/snapshots", "/v1/automations/crew/snapshots", """{"description":"v1"}""", 201, "snapshot"),
        new("GET /v1/automations/{automation}/snapshots", "/v1/automations/crew/snapshots", null, 200),
        new("GET /v1/automations/{automation}/snapshots/{id}", "/v1/automations/crew/snapshots/{snapshot}", null, 200),
        new("PUT /v1/roles/{name}", "/v1/roles/deployer", """{"permissions":{"automations":"manage"},"projects":["web"],"environments":["dev"]}""", 201),
        new("PUT /v1/roles/{name}", "/v1/roles/deployer", """{"permissions":{"automations":"all"}}""", 400),
        new("PUT /v1/roles/{name}", "/v1/roles/owner", """{"permissions":{}}""", 409),
        new("PATCH /v1/roles/{name}", "/v1/roles/deployer", """{"environments":null}""", 200),
        new("GET /v1/roles/{name}", "/v1/roles/deployer", null, 200),
        new("GET /v1/roles/{name}", "/v1/roles/owner", null, 200),
        new("GET /v1/roles", "/v1/roles?limit=2", null, 200),
        new("PUT /v1/members/{member}", "/v1/members/ann@example.org", """{"roles":["deployer"],"projects":["web"],"displayName":"Ann"}""", 201),
        new("PUT /v1/members/{member}", "/v1/members/ann@example.org", """{"roles":["none"]}""", 400),
        new("PATCH /v1/members/{member}", "/v1/members/ann@example.org", """{"projects":null}""", 200),
        new("GET /v1/members/{member}", "/v1/members/ann@example.org", null, 200),
        new("GET /v1/members", "/v1/members", null, 200),
        new("DELETE /v1/roles/{name}", "/v1/roles/deployer", null, 409),
        new("DELETE /v1/members/{member}", "/v1/members/ann@example.org", null, 204),
        new("DELETE /v1/roles/{name}", "/v1/roles/deployer", null, 204),
        new("GET /v1/whoami", "/v1/whoami?explain=secret_values:view:dev:project:web", null, 200),
        new("GET /v1/whoami", "/v1/whoami?explain=everything", null, 400),
        new("POST /v1/api-keys", "/v1/api-keys", """{"name":"k","principal":{"type":"automation","name":"crew"},"environments":["dev"],"expiresAt":"2027-01-01T00:00:00+01:00"}""", 201, "key"),
        new("GET /v1/api-keys", "/v1/api-keys", null, 200),
        new("GET /v1/api-keys/{id}", "/v1/api-keys/{key}", null, 200),
        new("PUT /v1/trusted-issuers/{name}", "/v1/trusted-issuers/github", """{"issuer":"https://token.actions.githubusercontent.com","audience":"us","conditions":{"repository":"acme/web","ref":["a","b"]},"principal":{"type":"automation","name":"crew"}}""", 201),
        new("PUT /v1/api-keys/{id}/personal", "/v1/api-keys/{key}/personal", null, 403),
        new("DELETE /v1/api-keys/{id}/personal", "/v1/api-keys/{key}/personal", null, 403),
        new("PUT /v1/trusted-issuers/{name}/personal", "/v1/trusted-issuers/github/personal", null, 403),
        new("DELETE /v1/trusted-issuers/{name}/personal", "/v1/trusted-issuers/github/personal", null, 403),
        new("PUT /v1/trusted-issuers/{name}", "/v1/trusted-issuers/github", """{"issuer":"https://token.actions.githubusercontent.com","audience":"us","principal":{"type":"automation","name":"crew"}}""", 400),
        new("GET /v1/trusted-issuers/{name}", "/v1/trusted-issuers/github", null, 200),
        new("GET /v1/trusted-issuers", "/v1/trusted-issuers", null, 200),
        new("GET /v1/audit-events", "/v1/audit-events", null, 200),
        new("GET /v1/audit-events", "/v1/audit-events?actor=service:operator&action=variable.resolve&outcome=success&kickoff=1&target=key:KEY&from=2026-01-01T00:00:00Z&to=2030-01-01T00:00:00Z", null, 200),
        new("GET /v1/audit-events", "/v1/audit-events?target=key", null, 400),
        new("GET /v1/audit-events/export", "/v1/audit-events/export?action=trusted-issuer.put", null, 200),
        new("GET /v1/audit-events/verify", "/v1/audit-events/verify", null, 200),
        new("DELETE /v1/trusted-issuers/{name}", "/v1/trusted-issuers/github", null, 204),
        new("GET /.well-known/openid-configuration", "/.well-known/openid-configuration", null, 200),
        new("GET /.well-known/jwks.json", "/.well-known/jwks.json", null, 200),
        new("POST /v1/keys/{kind}/rotate", "/v1/keys/signing/rotate", null, 200),
        new("POST /v1/keys/{kind}/rotate", "/v1/keys/signing/rotate", null, 409),
        new("POST /v1/keys/{kind}/rotate", "/v1/keys/other/rotate", null, 404),
        new("POST /v1/keys/{kind}/rotate", "/v1/keys/sealing/rotate", null, 200),
        new("POST /v1/keys/{kind}/rotate", "/v1/keys/organization/rotate", null, 200),
        new("POST /v1/keys/{kind}/rotate", "/v1/keys/root/rotate", null, 200),
        new("GET /v1/keys", "/v1/keys", null, 200, "signingKey"),
        new("DELETE /v1/keys/signing/{id}", "/v1/keys/signing/{signingKey}", null, 204),
        new("DELETE /v1/keys/signing/{id}", "/v1/keys/signing/none", null, 404),
        new("DELETE /v1/api-keys/{id}", "/v1/api-keys/{key}", null, 204),
        new("DELETE /v1/automations/{automation}/snapshots/{id}", "/v1/automations/crew/snapshots/{snapshot}", null, 204),
        new("DELETE /v1/variables/{environment}/{key}", "/v1/variables/dev/KEY", null, 204),
        new("POST /v1/resolve", "/v1/resolve", """{"automation":"crew","partial":true}""", 200),
        new("POST /v1/resolve", "/v1/resolve", """{"automation":"crew"}""", 424),
        new("DELETE /v1/automations/{automation}", "/v1/automations/crew?release=true", null, 204),
        new("DELETE /v1/environments/{environment}", "/v1/environments/qa", null, 204),
        new("DELETE /v1/projects/{project}", "/v1/projects/web", null, 204),
        new("DELETE /v1/organizations/{organization}", "/v1/organizations/acme", null, 204),
    ];
}
