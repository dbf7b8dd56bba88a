using System.Security.Cryptography;

namespace SecretFunctions.Testing.CloudDoubles.Aws;

/// <summary>One version of a secret: text or bytes.</summary>
internal sealed record AwsDoubleVersion(string Id, string? Text, byte[]? Binary)
{
    public HashSet<string> Stages { get; } = new(StringComparer.Ordinal);
}

/// <summary>A secret. Changed under the lock of <see cref="AwsDoubleSecrets"/> only.</summary>
internal sealed class AwsDoubleSecret(string name, string arn)
{
    public string Name { get; } = name;

    public string Arn { get; } = arn;

    public List<AwsDoubleVersion> Versions { get; } = [];

    public DateTimeOffset? DeletedAt { get; set; }

    /// <summary>What KMS answers instead of decrypting.</summary>
    public AwsDoubleException? Kms { get; set; }

    public AwsDoubleVersion? WithStage(string stage) => Versions.FirstOrDefault(version => version.Stages.Contains(stage));
}

/// <summary>The secrets of the account and region. Safe for concurrent use.</summary>
public sealed class AwsDoubleSecrets(TimeProvider time, string region)
{
    private readonly Dictionary<string, AwsDoubleSecret> _secrets = new(StringComparer.Ordinal);

    /// <summary>Secrets in one page of a listing or a batch at most; AWS decides that by itself too.</summary>
    public int PageSize { get; set; } = 100;

    internal Lock Gate { get; } = new();

    /// <summary>Creates or rotates: AWSCURRENT moves to the new version and AWSPREVIOUS to the one before.</summary>
    /// <returns>The new version's id.</returns>
    public string Put(string name, string value) => Put(name, value, null);

    public string PutBinary(string name, byte[] value) => Put(name, null, value);

    /// <summary>A version in rotation: it has a stage of its own and is not current.</summary>
    public string PutPending(string name, string value)
    {
        lock (Gate)
        {
            var version = NewVersion(value, null);
            version.Stages.Add("AWSPENDING");
            _secrets[name].Versions.Add(version);
            return version.Id;
        }
    }

    /// <summary>A secret that was created and never given a value.</summary>
    public void CreateEmpty(string name)
    {
        lock (Gate)
        {
            GetOrAdd(name);
        }
    }

    public string ArnOf(string name)
    {
        lock (Gate)
        {
            return _secrets[name].Arn;
        }
    }

    public void ScheduleDeletion(string name) => Change(name, secret => secret.DeletedAt = time.GetUtcNow());

    public void DenyKms(string name) => Change(name, static secret => secret.Kms = new("AccessDeniedException", "Access to KMS is not allowed"));

    public void DisableKey(string name) => Change(name, static secret =>
        secret.Kms = new("DecryptionFailure", "Secrets Manager can't decrypt the protected secret text using the provided KMS key."));

    /// <summary>By name, ARN, or ARN without suffix. Under the lock.</summary>
    internal AwsDoubleSecret? Find(string id) =>
        _secrets.GetValueOrDefault(id) ?? _secrets.Values.FirstOrDefault(secret => secret.Arn == id || secret.Arn[..^7] == id);

    /// <summary>In the order of names. Under the lock.</summary>
    internal IEnumerable<AwsDoubleSecret> All() => _secrets.Values.OrderBy(static secret => secret.Name, StringComparer.Ordinal);

    private string Put(string name, string? text, byte[]? binary)
    {
        lock (Gate)
        {
            var secret = GetOrAdd(name);
            var (previous, current) = (secret.WithStage("AWSPREVIOUS"), secret.WithStage("AWSCURRENT"));
            if (current is not null)
            {
                previous?.Stages.Remove("AWSPREVIOUS");
                current.Stages.Remove("AWSCURRENT");
                current.Stages.Add("AWSPREVIOUS");
            }

            var version = NewVersion(text, binary);
            version.Stages.Add("AWSCURRENT");
            secret.Versions.Add(version);
            return version.Id;
        }
    }

    private AwsDoubleVersion NewVersion(string? text, byte[]? binary) =>
        new(Guid.CreateVersion7(time.GetUtcNow()).ToString("D"), text, binary);

    private AwsDoubleSecret GetOrAdd(string name)
    {
        if (!_secrets.TryGetValue(name, out var secret))
        {
            var suffix = RandomNumberGenerator.GetString("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 6);
            var arn = $"arn:aws:secretsmanager:{region}:{AwsDoubleIdentities.Account}:secret:{name}-{suffix}";
            _secrets[name] = secret = new AwsDoubleSecret(name, arn);
        }

        return secret;
    }

    private void Change(string name, Action<AwsDoubleSecret> change)
    {
        lock (Gate)
        {
            change(_secrets[name]);
        }
    }
}
