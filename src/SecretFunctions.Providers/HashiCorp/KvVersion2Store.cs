using System.Globalization;
using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.HashiCorp;

/// <summary>Version 2 of the key-value engine: versions, soft deletion, metadata apart from values.</summary>
internal sealed class KvVersion2Store(VaultClient client, ProviderConnection connection, TimeProvider time)
    : ISecretStore, ISecretLister, IVersionReader
{
    private readonly string _mount = connection.Required(VaultSettings.Mount).Trim('/');

    public Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken) => client.AuthenticateAsync(cancellationToken);

    public async Task<Result<SecretPayload>> ReadAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        if (VaultPath.Check(address) is { } refused)
        {
            return refused;
        }

        var what = $"reading \"{address.Name}\" in mount \"{_mount}\"";
        var query = address.Version is null ? "" : $"?version={address.Version}";
        if (!(await client.GetAsync(PathTo("data", address.Name) + query, cancellationToken)).TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            using var document = answer.TryParse();
            var metadata = document is null ? default : document.RootElement.At("data", "metadata");
            if (metadata.ValueKind != JsonValueKind.Object)
            {
                var table = address.Version is null ? VaultFailures.Read : VaultFailures.ReadVersion;
                return answer.IsSuccess
                    ? table.NotUnderstood(what, "The mount may be of KV version 1: check the setting kvVersion, and the address.")
                    : table.Explain(what, answer, VaultFailures.MessageOf(answer));
            }

            if (StateOf(metadata) is { } gone)
            {
                return Disabled(address.Name, gone, answer.Status);
            }

            var version = metadata.At("version").AsInteger();
            return document!.RootElement.At("data", "data").ValueKind == JsonValueKind.Object
                && version is not null
                && answer.TryExtract("/data/data") is { } fields
                    ? new SecretPayload(fields, Text(version.Value)) { NotAfter = DeletionOf(metadata) }
                    : VaultFailures.Read.NotUnderstood(what);
        }
    }

    public async Task<Result<string>> GetVersionAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        if (VaultPath.Check(address) is { } refused)
        {
            return refused;
        }

        var what = $"reading the metadata of \"{address.Name}\" in mount \"{_mount}\"";
        if (!(await client.GetAsync(PathTo("metadata", address.Name), cancellationToken)).TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            if (!answer.IsSuccess)
            {
                return VaultFailures.Metadata.Explain(what, answer, VaultFailures.MessageOf(answer));
            }

            using var document = answer.TryParse();
            var data = document is null ? default : document.RootElement.At("data");
            if (data.At("current_version").AsInteger() is not { } current)
            {
                return VaultFailures.Metadata.NotUnderstood(what);
            }

            var version = address.Version ?? Text(current);
            var state = data.At("versions", version);
            return state.ValueKind != JsonValueKind.Object
                ? ProviderFailure.Create(
                    ProviderFailure.VersionNotFound, $"\"{address.Name}\" has no version {version}.", "It was never written, or is older than the versions kept.")
                : StateOf(state) is { } gone ? Disabled(address.Name, gone, answer.Status) : version;
        }
    }

    public Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken) =>
        VaultListing.ListAsync(client, $"{StoreAddress.EscapePath(_mount)}/metadata", prefix, limit, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static Failure Disabled(string name, string state, int status) =>
        ProviderFailure.Create(
            ProviderFailure.SecretDisabled,
            $"The version of \"{name}\" that was asked for is {state}.",
            state == "destroyed"
                ? "A destroyed version cannot be had back. Write a new one, or refer to another version."
                : "Undelete it (vault kv undelete), write a new version, or refer to another one.",
            $"HTTP {status}");

    private string PathTo(string part, string name) => $"{StoreAddress.EscapePath(_mount)}/{part}/{StoreAddress.EscapePath(name)}";

    /// <summary>Null where the version may be read. A deletion can lie ahead (delete_version_after).</summary>
    private string? StateOf(JsonElement version) =>
        version.At("destroyed").ValueKind == JsonValueKind.True ? "destroyed"
        : DeletionOf(version) <= time.GetUtcNow() ? "deleted"
        : null;

    private static DateTimeOffset? DeletionOf(JsonElement version) =>
        version.At("deletion_time").AsText() is { Length: > 0 } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var deletion)
            ? deletion
            : null;
}
