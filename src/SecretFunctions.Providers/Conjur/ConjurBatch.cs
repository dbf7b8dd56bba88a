using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Conjur;

/// <summary>
/// Many current values in one request, all or none of them. Values travel as base64 in JSON, since they need not be text.
/// </summary>
internal sealed class ConjurBatch(ConjurClient client, string account)
{
    /// <summary>Keeps the address of a batch below the 8 KiB that common gateways take, with ids of up to 150 characters.</summary>
    public const int MaxSize = 40;

    private volatile bool _refused;

    /// <summary>Only current values; and Conjur splits at every comma, an escaped one too.</summary>
    public bool Takes(SecretAddress address) => !_refused && address.Version is null && !address.Name.Contains(',', StringComparison.Ordinal);

    /// <param name="names">Distinct: Conjur refuses the same id twice.</param>
    /// <param name="cancellationToken">The caller gave up.</param>
    public async Task<Values> ReadAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var what = $"a batch of {names.Count} variables";
        var ids = string.Join(',', names.Select(name => Uri.EscapeDataString(VariableId.Full(account, name))));
        if (!(await client.GetAsync($"secrets?variable_ids={ids}", cancellationToken, inBase64: true)).TryGet(out var answer, out var failure))
        {
            return Values.Failed(failure);
        }

        using (answer)
        {
            if (!answer.IsSuccess)
            {
                _refused = answer.Status is 405 or 501;
                return Values.Failed(ConjurFailures.Explain(ConjurFailures.Batch, what, answer));
            }

            return Values.From(names, name => Extract(answer, name) is { } value
                ? value
                : ConjurFailures.Batch.NotUnderstood($"a batch with the variable \"{name}\""));
        }
    }

    /// <summary>Null where the answer has not the form it should.</summary>
    private SecretValue? Extract(StoreAnswer answer, string name)
    {
        var value = answer.TryExtract(VariableId.Full(account, name));

        // The answer says whether the values are base64: a proxy may have dropped our header, and then they are plain.
        if (value is null || !answer.HasBase64Values)
        {
            return value;
        }

        using (value)
        {
            var buffer = GC.AllocateUninitializedArray<byte>(Base64.GetMaxDecodedFromUtf8Length(value.Reveal().Length), pinned: true);
            try
            {
                // Conjur breaks lines within base64; the decoder skips them.
                var status = Base64.DecodeFromUtf8(value.Reveal(), buffer, out _, out var written);
                return status == OperationStatus.Done ? new SecretValue(buffer.AsSpan(0, written)) : null;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(buffer);
            }
        }
    }

    /// <summary>What a batch brought, until someone takes it.</summary>
    internal sealed class Values : IDisposable
    {
        private readonly Dictionary<string, Result<SecretValue>> _values = new(StringComparer.Ordinal);
        private Failure? _failure;

        public static Values Failed(Failure failure) => new() { _failure = failure };

        public static Values From(IEnumerable<string> names, Func<string, Result<SecretValue>> read)
        {
            var values = new Values();
            foreach (var name in names)
            {
                values._values[name] = read(name);
            }

            return values;
        }

        /// <summary>A copy, the caller's to dispose: an address may occur twice.</summary>
        public Result<SecretValue> Take(string name) =>
            _failure is not null ? _failure
            : _values[name].TryGet(out var value, out var failure) ? new SecretValue(value.Reveal())
            : failure;

        public void Dispose()
        {
            foreach (var result in _values.Values)
            {
                if (result.TryGet(out var value, out _))
                {
                    value.Dispose();
                }
            }
        }
    }
}
