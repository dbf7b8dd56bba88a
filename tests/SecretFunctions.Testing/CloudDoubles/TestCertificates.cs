using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Testing.CloudDoubles;

/// <summary>A certificate authority made anew for each test process, and a server certificate for loopback under it.</summary>
public static class TestCertificates
{
    private static readonly Lazy<(X509Certificate2 Root, X509Certificate2 Server)> Chain = new(Create);

    /// <summary>A PEM file of the root, for <c>ProviderHttpOptions.TrustedRootsFile</c>.</summary>
    public static string RootFile { get; } = WriteRoot();

    public static X509Certificate2 Server => Chain.Value.Server;

    internal static void ListenLocalhostOnAnyPort(this KestrelServerOptions kestrel, bool https, HttpProtocols protocols) =>
        kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            if (https)
            {
                Microsoft.AspNetCore.Hosting.ListenOptionsHttpsExtensions.UseHttps(listen, Server);
            }
        });

    private static string WriteRoot()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("sf-test-ca-").FullName, "root.pem");
        File.WriteAllText(path, Chain.Value.Root.ExportCertificatePem());
        return path;
    }

    private static (X509Certificate2 Root, X509Certificate2 Server) Create()
    {
        var from = TimeProvider.System.GetUtcNow().AddDays(-1);
        using var rootKey = RSA.Create(2048);
        var rootRequest = new CertificateRequest("CN=SecretFunctions test root", rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        rootRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var root = rootRequest.CreateSelfSigned(from, from.AddDays(30));

        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        // For tests that reach a double under a cloud's own name, by a resolver or a proxy of their own.
        names.AddDnsName("*.vault.azure.net");
        names.AddDnsName(EntraDouble.Host);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = request.Create(root, from, from.AddDays(29), RandomNumberGenerator.GetBytes(12));
        return (root, certificate.CopyWithPrivateKey(key));
    }
}
