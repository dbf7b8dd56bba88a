using System.Text;

namespace SecretFunctions.Core.Tests;

internal static class ResultAssertions
{
    public static T ShouldSucceed<T>(this Result<T> result)
    {
        result.TryGet(out var value, out var failure).ShouldBeTrue(failure?.ToString());
        return value!;
    }

    public static Failure ShouldFail<T>(this Result<T> result, string code)
    {
        var failure = result.Failure.ShouldNotBeNull();
        failure.Code.ShouldBe(code);
        return failure;
    }

    /// <summary>The values by key; disposes the resolution.</summary>
    public static Dictionary<string, string> Values(this Result<Core.Resolution.Resolution> result)
    {
        using var resolution = result.ShouldSucceed();
        return Enumerable.Range(0, resolution.Count).ToDictionary(resolution.Key, index => Encoding.UTF8.GetString(resolution.Reveal(index)));
    }
}
