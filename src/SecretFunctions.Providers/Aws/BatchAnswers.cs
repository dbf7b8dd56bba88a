using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Aws;

/// <summary>
/// Puts a batch's answers into the order of its questions. AWS answers in an order of its own, with full names whatever
/// the question said, and once for two questions about one secret.
/// </summary>
internal sealed class BatchAnswers(SecretsManagerClient secrets, IReadOnlyList<SecretAddress> addresses) : IDisposable
{
    private readonly Result<SecretPayload>?[] _answers = new Result<SecretPayload>?[addresses.Count];

    public void Add(AwsBatchPage page)
    {
        foreach (var secret in page.Secrets)
        {
            using (secret)
            {
                Answer(name => IsAbout(name, secret), _ => new SecretPayload(new SecretValue(secret.Value.Reveal()), secret.VersionId));
            }
        }

        foreach (var (id, error) in page.Errors)
        {
            Answer(name => name == id, address => secrets.FailureOf(address, error));
        }
    }

    /// <summary>What has no answer gets <paramref name="rest"/>, or that it was not found.</summary>
    public IReadOnlyList<Result<SecretPayload>> Complete(Failure? rest) =>
    [
        .. _answers.Select((answer, i) => answer
            ?? rest
            ?? secrets.FailureOf(addresses[i], new AwsError("ResourceNotFoundException", ""))),
    ];

    /// <summary>For when the answers reach nobody.</summary>
    public void Dispose()
    {
        foreach (var answer in _answers)
        {
            if (answer is { } given && given.TryGet(out var payload, out _))
            {
                payload.Dispose();
            }
        }
    }

    /// <summary>By name, by ARN, or by an ARN without its suffix of a hyphen and six characters.</summary>
    private static bool IsAbout(string asked, AwsSecret secret) =>
        asked == secret.Name
        || asked == secret.Arn
        || (asked.Length == secret.Arn.Length - 7 && secret.Arn.StartsWith(asked, StringComparison.Ordinal) && secret.Arn[^7] == '-');

    private void Answer(Func<string, bool> isAbout, Func<SecretAddress, Result<SecretPayload>> answer)
    {
        for (var i = 0; i < addresses.Count; i++)
        {
            if (_answers[i] is null && isAbout(addresses[i].Name))
            {
                _answers[i] = answer(addresses[i]);
            }
        }
    }
}
