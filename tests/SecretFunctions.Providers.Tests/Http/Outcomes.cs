using System.Text;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Tests.Http;

/// <summary>What came of a call, as a test wants it.</summary>
internal static class Outcomes
{
    public static T ShouldSucceed<T>(this Result<T> result) =>
        result.TryGet(out var value, out var failure) ? value : throw new ShouldAssertException(failure.ToString());

    public static Failure ShouldFail<T>(this Result<T> result, string code)
    {
        var failure = result.Failure.ShouldNotBeNull();
        failure.Code.ShouldBe(code, failure.ToString());
        return failure;
    }

    /// <summary>The text; the payload is disposed.</summary>
    public static string ShouldHoldText(this Result<SecretPayload> result)
    {
        using var payload = result.ShouldSucceed();
        return Encoding.UTF8.GetString(payload.Value.Reveal());
    }
}
