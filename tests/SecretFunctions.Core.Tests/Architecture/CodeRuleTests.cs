using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SecretFunctions.Core.Tests.Architecture;

public sealed class CodeRuleTests
{
    private const int MaxLines = 300;

    /// <summary>Encryption, signatures and derived keys.</summary>
    private static readonly string[] Ciphers =
    [
        "Aes", "AesGcm", "AesCcm", "AesManaged", "ChaCha20Poly1305", "TripleDES", "DES", "RC2", "RSA", "DSA", "ECDsa", "ECDiffieHellman", "HKDF",
        "Rfc2898DeriveBytes", "SP800108HmacCounterKdf", "MLKem", "MLDsa",
    ];

    private static readonly string[] Digests =
        ["SHA256", "SHA384", "SHA512", "SHA3_256", "HMACSHA256", "HMACSHA384", "HMACSHA512", "Kmac256", "IncrementalHash"];

    private static readonly string[] Broken = ["MD5", "SHA1", "HMACMD5", "HMACSHA1", "RNGCryptoServiceProvider"];

    private static readonly string[] VaultAndIssuer = ["src/SecretFunctions.Core/Vault/", "src/SecretFunctions.Core/Issuer/"];

    /// <summary>Another's protocol demands it.</summary>
    private static readonly string[] CiphersElsewhere =
    [
        "src/SecretFunctions.Providers/Google/GoogleIdentities.cs",
        "src/SecretFunctions.Providers/Google/GoogleIdentity.cs",
        "src/SecretFunctions.Providers/Google/ServiceAccountKey.cs", // signs the assertion that Google exchanges for a token
    ];

    private static readonly string[] DigestsElsewhere =
    [
        "src/SecretFunctions.Core/Access/ApiKey.cs", // what is kept of a key
        "src/SecretFunctions.Core/Access/Authenticator.cs",
        "src/SecretFunctions.Core/Audit/EventHash.cs", // chains the events of the audit log
        "src/SecretFunctions.Core/Organizations/Deployment.cs", // what is kept of the operator's
        "src/SecretFunctions.Core/Resolution/CachedSecret.cs", // a name of any length as a row
        "src/SecretFunctions.Core/Store/Precondition.cs", // ETags that tell nothing of the store's
        "src/SecretFunctions.Core/WorkloadIdentity/TrustPolicies/AzureTrust.cs", // names a federated credential as the Terraform module does
        "src/SecretFunctions.Providers/Aws/SigV4.cs", // AWS's request signature
        "src/SecretFunctions.Providers/Aws/WebIdentity.cs", // tells sessions of two subjects apart
        "src/SecretFunctions.Providers/Azure/KeyVaultRootKey.cs", // a name of any length as an id
        "src/SecretFunctions.Providers/HashiCorp/HashiCorpVaultProvider.cs",
        "src/SecretFunctions.Providers/HashiCorp/KvVersion1Store.cs", // a version where the store has none
        "src/SecretFunctions.Storage/Tables/SharedKeyLitePolicy.cs", // Table Storage's request signature
    ];

    /// <summary>Edges: a loop or a request that must go on and tell whoever waits.</summary>
    private static readonly string[] CatchAll =
    [
        "src/SecretFunctions.Api/Http/ErrorMiddleware.cs",
        "src/SecretFunctions.Core/Audit/AuditChannel.cs",
        "src/SecretFunctions.Core/Maintenance/Bulkhead.cs",
        "src/SecretFunctions.Core/Resolution/SecretFetcher.cs",
        "src/SecretFunctions.Hosting/BackgroundWork.cs",
        "src/SecretFunctions.Storage/Sqlite/GroupCommit.cs",
    ];

    /// <summary>Longer than one can hold in mind, for now.</summary>
    private static readonly string[] Long = [];

    [Fact]
    public void Encryption_and_signatures_are_the_vaults_and_the_issuers() => Users(Ciphers).ShouldBeSubsetOf(CiphersElsewhere);

    [Fact]
    public void Digests_elsewhere_are_named() => Users(Digests).ShouldBeSubsetOf(DigestsElsewhere);

    [Fact]
    public void Broken_algorithms_are_nobodys() => SourceCode.Product.Where(file => file.Identifiers.Any(Broken.Contains)).ShouldBeEmpty();

    [Fact]
    public void What_guards_access_compares_in_constant_time() =>
        SourceCode.Product.Where(static file => file.IsIn("src/SecretFunctions.Core/Access/") || VaultAndIssuer.Any(file.IsIn))
            .Where(static file => file.Identifiers.Contains("SequenceEqual"))
            .Select(static file => file.Path)
            .ShouldBeEmpty();

    [Fact]
    public void Only_edges_catch_everything()
    {
        var catching = from file in SourceCode.Product
                       from handler in file.Root.DescendantNodes().OfType<CatchClauseSyntax>()
                       where handler.Filter is null && handler.Declaration?.Type.ToString() is null or "Exception" or "System.Exception"
                       where !CatchAll.Contains(file.Path) && !IsPassedOn(handler)
                       select $"{file.Path}: {handler.Declaration}";
        catching.ShouldBeEmpty();
    }

    [Fact]
    public void Files_are_short() =>
        SourceCode.All.Where(static file => file.Lines >= MaxLines && !Long.Contains(file.Path)).Select(static file => $"{file.Path}: {file.Lines}").ShouldBeEmpty();

    /// <summary>Tidies up and throws the same again.</summary>
    private static bool IsPassedOn(CatchClauseSyntax handler) =>
        handler.Block.Statements.LastOrDefault() is ThrowStatementSyntax { Expression: null };

    private static IEnumerable<string> Users(string[] types) => SourceCode.Product
        .Where(file => !VaultAndIssuer.Any(file.IsIn))
        .Where(file => file.Root.DescendantNodes().OfType<IdentifierNameSyntax>().Any(name => types.Contains(name.Identifier.ValueText)))
        .Select(static file => file.Path);
}
