using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecretFunctions.Contracts;

public sealed record KickoffRequest
{
    public string? Id { get; init; }

    /// <summary>crew, flow, training, test, checkpoint-restore or deploy.</summary>
    public string? Kind { get; init; }

    /// <summary>The e-mail of the member who started it by hand.</summary>
    public string? TriggeredBy { get; init; }
}

public sealed record ResolveRequest
{
    /// <summary>Left out: the calling automation itself; for members and services everything they may use.</summary>
    public string? Automation { get; init; }

    /// <summary>Without an automation: take this project's variables too, before the organization's.</summary>
    public string? Project { get; init; }

    /// <summary>Default: dev.</summary>
    public string? Environment { get; init; }

    /// <summary>Keeps variables carrying at least one.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    public KickoffRequest? Kickoff { get; init; }

    /// <summary>Read external stores now, whatever is cached.</summary>
    public bool Fresh { get; init; }

    /// <summary>Hand out what resolves, with the errors of what does not.</summary>
    public bool Partial { get; init; }

    /// <summary>The values pinned by this snapshot instead of the current ones.</summary>
    public string? Snapshot { get; init; }

    /// <summary>
    /// A public key as a JWK (RFC 7517): RSA of 2048 bits or more, or EC on P-256, P-384 or P-521. The answer is a <see cref="SealedResolveResponse"/>,
    /// which only its owner can open.
    /// </summary>
    public JsonElement? SealTo { get; init; }
}

public sealed record ResolveResponse(
    IReadOnlyDictionary<string, SensitiveText> Variables, IReadOnlyList<SourceDescription> Sources, DateTimeOffset ResolvedAt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ProblemEntry>? Errors { get; init; }
}

/// <summary>The answer to a resolve with <see cref="ResolveRequest.SealTo"/>.</summary>
/// <param name="Sealed">
/// A JWE in compact serialization (RFC 7516): RSA-OAEP-256 or ECDH-ES, A256GCM. In it is a JSON object, what <see cref="ResolveResponse.Variables"/> is else.
/// </param>
public sealed record SealedResolveResponse(string Sealed, IReadOnlyList<SourceDescription> Sources, DateTimeOffset ResolvedAt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ProblemEntry>? Errors { get; init; }
}

/// <param name="From">vault, provider or snapshot.</param>
/// <param name="Fingerprint">Changes with the value, and shows nothing else of it.</param>
public sealed record SourceDescription(
    string Key,
    string Scope,
    string From,
    string? Credential,
    string? Secret,
    string Version,
    string Fingerprint,
    DateTimeOffset FetchedAt,
    bool Stale);

public sealed record RenderRequest
{
    public required IReadOnlyDictionary<string, string> Templates { get; init; }

    public string? Automation { get; init; }

    public string? Project { get; init; }

    public string? Environment { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public KickoffRequest? Kickoff { get; init; }

    public bool Fresh { get; init; }

    public string? Snapshot { get; init; }
}

public sealed record RenderResponse(IReadOnlyDictionary<string, SensitiveText> Rendered);
