using SecretFunctions.Testing.Storage;

namespace SecretFunctions.Storage.Tests.Tables;

/// <summary>One emulator for all tests that need one.</summary>
[CollectionDefinition(Name)]
public sealed class SharedAzurite : ICollectionFixture<Azurite>
{
    public const string Name = "Azurite";
}
