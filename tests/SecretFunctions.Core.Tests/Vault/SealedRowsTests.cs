using System.Text.Json.Serialization.Metadata;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Tests.Vault;

public sealed class SealedRowsTests
{
    /// <summary>Stored documents with bytes in them that no organization key sealed.</summary>
    private static readonly string[] OtherBytes =
    [
        "StoredOrganizationKeys", // wrapped by the root key
        "StoredKeyRing", // under data keys that the root key wraps
        "OperatorKey", // a digest
        "ApiKey", // a digest
    ];

    [Fact]
    public void Every_stored_document_that_holds_an_envelope_is_wrapped_anew() =>
        StoredTypes().Where(static type => HoldsBytes(type, [])).Select(static type => type.Name).Except(OtherBytes).Order()
            .ShouldBe(SealedRows.All.Select(static kind => kind.Document.Name).Distinct().Order());

    [Fact]
    public void They_are_walked_in_the_order_in_which_they_lie() =>
        SealedRows.All.Select(static kind => kind.Prefix).ShouldBe(SealedRows.All.Select(static kind => kind.Prefix).Order(StringComparer.Ordinal));

    private static IEnumerable<Type> StoredTypes() => typeof(StoredJson).GetProperties()
        .Where(static property => property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(JsonTypeInfo<>))
        .Select(static property => property.PropertyType.GetGenericArguments()[0])
        .Where(static type => typeof(StoredJson).GetCustomAttributesData().Any(attribute => attribute.ConstructorArguments is [{ Value: Type listed }] && listed == type));

    private static bool HoldsBytes(Type type, HashSet<Type> seen) =>
        type == typeof(byte[])
        || (seen.Add(type) && Within(type).Any(inner => HoldsBytes(inner, seen)));

    private static IEnumerable<Type> Within(Type type) => type.Namespace?.StartsWith("SecretFunctions", StringComparison.Ordinal) == true
        ? type.GetProperties().Select(static property => property.PropertyType)
        : type.GetGenericArguments();
}
