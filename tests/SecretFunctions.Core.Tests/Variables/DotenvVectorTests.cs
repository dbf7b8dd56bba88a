namespace SecretFunctions.Core.Tests.Variables;

public sealed class DotenvVectorTests
{
    public static TheoryData<string> Names => [.. Given.Cases("dotenv.json")];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_published_vectors_hold(string name)
    {
        var vector = Given.Case("dotenv.json", name);
        var document = vector.GetProperty("document").GetBytesFromBase64();
        if (vector.TryGetProperty("errors", out var errors))
        {
            Given.Errors(document).ShouldBe(errors.EnumerateArray().Select(error => $"{error.GetProperty("line")} {error.GetProperty("code")}"));
            return;
        }

        Given.Assignments(document).ShouldBe(
            vector.GetProperty("values").EnumerateObject().ToDictionary(value => value.Name, value => value.Value.GetString()!),
            ignoreOrder: true);
    }
}
