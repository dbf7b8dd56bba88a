using System.Text;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Tests.Variables;

/// <summary>What the vectors cannot show: bytes, depth, and what failures keep to themselves.</summary>
public sealed class JsonFieldSelectorTests
{
    [Theory]
    [InlineData("canary")]
    [InlineData("{\"a\":canary}")]
    [InlineData("{\"b\":\"canary\"}")]
    [InlineData("{\"a\":\"canary\",\"a\":\"canary\"}")]
    public void A_failure_has_nothing_of_the_document(string document)
    {
        Extract("a", Encoding.UTF8.GetBytes(document)).TryGet(out _, out var failure).ShouldBeFalse();
        failure!.Kind.ShouldBe(FailureKind.Unresolved);
        failure.ToString().ShouldNotContain("canary");
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_not_JSON()
    {
        Extract("a", [.. "{\"a\":\""u8, 0xFF, .. "\"}"u8]).ToString().ShouldBe("provider.not_json");
        Extract("a", Encoding.Unicode.GetBytes("{\"a\":1}")).ToString().ShouldBe("provider.not_json");
    }

    [Fact]
    public void A_byte_order_mark_is_skipped()
    {
        Extract("a", "\uFEFF{\"a\":[1, 2]}"u8).TryGet(out var value, out _).ShouldBeTrue();
        Given.Text(value!).ShouldBe("[1, 2]");
    }

    [Fact]
    public void A_document_has_at_most_64_levels()
    {
        Extract("/a/0", Nested(63)).TryGet(out _, out _).ShouldBeTrue();
        Extract("/a/0", Nested(64)).ToString().ShouldBe("provider.not_json");
        Extract("a", Nested(100_000)).ToString().ShouldBe("provider.not_json");

        static byte[] Nested(int arrays) => Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', arrays)}1{new string(']', arrays)}}}");
    }

    [Fact]
    public void A_pointer_may_be_deeper_than_any_document()
    {
        Extract(new string('/', 2000), "{\"\":{}}"u8).ToString().ShouldBe("provider.key_not_found");
    }

    private static Result<SecretValue> Extract(string selector, ReadOnlySpan<byte> document)
    {
        JsonFieldSelector.TryParse(selector, out var parsed).ShouldBeTrue();
        return parsed.Extract(document);
    }
}
