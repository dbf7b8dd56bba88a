using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SecretFunctions.Hosting;

/// <summary>
/// A host may bring the framework's MVC, as the Functions worker does, and with it a key ring for cookies and forms: a key is made at the start and lies in
/// the clear in the home folder, and the log warns of it. Nothing here has cookies or forms, so none is made.
/// </summary>
internal static class KeyRing
{
    public static void MakeNoKeyRing(this IServiceCollection services)
    {
        // What makes one at the start is internal, so it is known by where it lives.
        foreach (var maker in services.Where(static service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == typeof(KeyManagementOptions).Assembly).ToArray())
        {
            services.Remove(maker);
        }
    }
}
