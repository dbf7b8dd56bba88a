using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.HashiCorp;

/// <summary>Version 1 of the key-value engine: one value per path, no versions and no metadata.</summary>
/// <remarks>
/// A payload needs a version, and there is none. A digest of the value would do as a name, but sources and the audit log
/// show versions, and there a plain digest lets anyone test guesses. So it is a keyed one, under a key that only this process has: the same while
/// the value is the same, another after a rotation, another again after a restart or in another instance. Since nothing but a read tells it,
/// there is no <see cref="IVersionReader"/> here: a rotation is noticed when the cached value expires.
/// </remarks>
internal sealed class KvVersion1Store(VaultClient client, ProviderConnection connection, byte[] versionKey) : ISecretStore, ISecretLister
{
    /// <summary>Enough that two values never share one by accident.</summary>
    private const int VersionBytes = 16;

    private readonly string _mount = connection.Required(VaultSettings.Mount).Trim('/');

    public Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken) => client.AuthenticateAsync(cancellationToken);

    public async Task<Result<SecretPayload>> ReadAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        if (VaultPath.Check(address) is { } refused)
        {
            return refused;
        }

        if (address.Version is not null)
        {
            return ProviderFailure.Create(
                ProviderFailure.InvalidRequest,
                $"The reference to \"{address.Name}\" pins a version, and KV version 1 keeps none.",
                "Leave the version out, or move the mount to KV version 2.");
        }

        var what = $"reading \"{address.Name}\" in mount \"{_mount}\"";
        var path = $"{StoreAddress.EscapePath(_mount)}/{StoreAddress.EscapePath(address.Name)}";
        if (!(await client.GetAsync(path, cancellationToken)).TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            if (!answer.IsSuccess)
            {
                return VaultFailures.Read.Explain(what, answer, VaultFailures.MessageOf(answer));
            }

            using var document = answer.TryParse();
            return document is not null
                && document.RootElement.At("data").ValueKind == JsonValueKind.Object
                && answer.TryExtract("/data") is { } fields
                    ? new SecretPayload(fields, VersionOf(address.Name, fields))
                    : VaultFailures.Read.NotUnderstood(what);
        }
    }

    public Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken) =>
        VaultListing.ListAsync(client, StoreAddress.EscapePath(_mount), prefix, limit, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The name goes in too, so that equal values of two secrets do not show as equal.</summary>
    private string VersionOf(string name, SecretValue fields)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, versionKey);
        hash.AppendData(Encoding.UTF8.GetBytes(name));
        hash.AppendData([0]); // Names have no control characters, so this ends the name.
        hash.AppendData(fields.Reveal());
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, VersionBytes));
    }
}
