using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Output;

/// <summary>Owns what a resolve or render handed out.</summary>
internal sealed class Values(IReadOnlyDictionary<string, SensitiveText> texts) : IDisposable
{
    public void Dispose()
    {
        foreach (var text in texts.Values)
        {
            text.Dispose();
        }
    }
}
