using System.Text.Json.Nodes;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.WorkloadIdentity;
using SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

namespace SecretFunctions.Core.Tests.WorkloadIdentity.TrustPolicies;

/// <summary>Configurations of each cloud, and what is printed for them.</summary>
internal static class Trusting
{
    public const string Issuer = "https://secrets.example.com";

    /// <summary>What the languages of documents take for something else than text.</summary>
    public const string Odd = "it's \"odd\" `id` $(id) ${id} %{id} $$ \\ <&> {{x}} *?, #|^;";

    private static readonly Changes Changes = Changes.Made(DateTimeOffset.UnixEpoch, "test");

    public static readonly TokenSubject Crew = Subject("web", "prod", "crew");

    public static TokenSubject Subject(string project, string environment, string automation, string organization = "acme") =>
        new(organization, project, environment, automation);

    public static WorkloadIdentityConfig Config(
        string cloud,
        SubjectScope subjectScope = SubjectScope.Automation,
        string? audience = null,
        string[]? projects = null,
        string[]? automations = null,
        string[]? environments = null,
        params (string Name, string Value)[] fields)
    {
        var (usual, given) = Usual(cloud);
        var all = given.ToDictionary(static field => field.Name, static field => field.Value);
        foreach (var (name, value) in fields)
        {
            all[name] = value;
        }

        return new(cloud, cloud, all, audience ?? usual, subjectScope, new CredentialScope(projects, automations ?? []), environments ?? [], Changes);
    }

    public static TrustPolicy Print(WorkloadIdentityConfig config, params TokenSubject[] subjects) => Print(Issuer, config, subjects);

    public static TrustPolicy Print(string issuer, WorkloadIdentityConfig config, params TokenSubject[] subjects)
    {
        TokenSubject[] cut = [.. subjects.Select(subject => subject.Cut(config.SubjectScope)).Distinct()];
        return TrustPolicyPrinter.Write(new TrustInput(issuer, config, cut)).ShouldNotBeNull();
    }

    /// <summary>More than any cloud's policy lists, of one project and environment.</summary>
    public static TokenSubject[] Many(int count = 150, string project = "web", string environment = "prod") =>
        [.. Enumerable.Range(0, count).Select(number => Subject(project, environment, $"crew-{number}"))];

    public static string Document(this TrustPolicy policy, string format, string? name = null) =>
        policy.Documents.First(document => document.Format == format && (name is null || document.Name == name)).Content;

    public static JsonObject ParseJson(this TrustPolicy policy, string? name = null) => JsonNode.Parse(policy.Document(TrustFormat.Json, name))!.AsObject();

    public static string[] Codes(this TrustPolicy policy) => [.. policy.Warnings.Select(static warning => warning.Code)];

    private static (string Audience, (string Name, string Value)[] Fields) Usual(string cloud) => cloud switch
    {
        "aws" => ("sts.amazonaws.com", [("roleArn", "arn:aws:iam::123456789012:role/secretfunctions")]),
        "google" => ($"https://iam.googleapis.com/{GoogleProvider}", [("workloadIdentityProvider", GoogleProvider)]),
        "azure" => ("api://AzureADTokenExchange", [("tenantId", "11111111-1111-1111-1111-111111111111"), ("clientId", "22222222-2222-2222-2222-222222222222")]),
        "vault" => ("https://vault.example.com:8200", [("address", "https://vault.example.com:8200"), ("mount", "jwt"), ("role", "secretfunctions")]),
        _ => ("https://conjur.example.com", [("address", "https://conjur.example.com"), ("account", "acme"), ("serviceId", "secretfunctions")]),
    };

    public const string GoogleProvider = "projects/123456789/locations/global/workloadIdentityPools/automations/providers/secretfunctions";
}
