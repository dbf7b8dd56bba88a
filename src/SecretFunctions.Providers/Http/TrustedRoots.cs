using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SecretFunctions.Providers.Http;

/// <summary>Root certificates trusted besides the system's. They widen who may sign, and nothing else.</summary>
internal sealed class TrustedRoots(X509Certificate2Collection roots)
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <summary>The roots in a PEM file, or the end of a sentence that says what is wrong with it.</summary>
    public static (TrustedRoots? Roots, string? Problem) Load(string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (null, "names a file that cannot be read.");
        }
        catch (CryptographicException)
        {
            return (null, "names a file with a certificate that cannot be understood.");
        }

        return certificates.Count == 0 ? (null, "names a file without a PEM certificate.") : (new TrustedRoots(certificates), null);
    }

    /// <summary>
    /// Second opinion where the system's roots did not suffice: the same chain with ours. A wrong host name or a missing
    /// certificate is not for roots to mend and stays an error.
    /// </summary>
    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf || chain is null)
        {
            return false;
        }

        using var ours = new X509Chain();
        ours.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        ours.ChainPolicy.CustomTrustStore.AddRange(roots);
        ours.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        ours.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);

        // As for public stores: SocketsHttpHandler does not check revocation by default, and a private authority
        // rarely publishes a list we could reach.
        ours.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return ours.Build(leaf);
    }
}
