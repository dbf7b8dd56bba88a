using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SecretFunctions.Api.Access;
using SecretFunctions.Api.Audit;
using SecretFunctions.Api.Automations;
using SecretFunctions.Api.Credentials;
using SecretFunctions.Api.Events;
using SecretFunctions.Api.Http;
using SecretFunctions.Api.Keys;
using SecretFunctions.Api.Oidc;
using SecretFunctions.Api.Operations;
using SecretFunctions.Api.Organizations;
using SecretFunctions.Api.Resolve;
using SecretFunctions.Api.Variables;
using SecretFunctions.Api.WorkloadIdentity;
using SecretFunctions.Contracts;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Limits;

namespace SecretFunctions.Api;

/// <summary>The API: what it needs, and its one pipeline, the same in every host.</summary>
public static class ApiComposition
{
    public static IServiceCollection AddSecretFunctionsApi(this IServiceCollection services)
    {
        services.AddRouting();
        services.ConfigureHttpJsonOptions(static options =>
        {
            // Alone, also in a process whose host needs reflection for its own JSON: what is not in the context cannot be written.
            options.SerializerOptions.TypeInfoResolverChain.Clear();
            options.SerializerOptions.TypeInfoResolverChain.Add(ContractsJson.Default);

            // As the contracts are read and written; the OpenAPI document takes it from here.
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.AddOpenApiDocument();
        services.AddSingleton<ApiPipeline>();
        services.AddSingleton<EventDeliveries>();
        services.AddSingleton<EventAdmission>();
        services.AddSingleton<KeyKinds>();
        return services;
    }

    /// <summary>The trace, errors, and then routing, access, endpoints: in this order.</summary>
    public static IApplicationBuilder UseSecretFunctions(this IApplicationBuilder app)
    {
        // Plain delegates: UseMiddleware would reflect over each class at the start.
        var services = app.ApplicationServices;
        app.Use(static next => new RequestTrace(next).InvokeAsync);
        app.Use(next => new ErrorMiddleware(next, services.GetRequiredService<ILogger<ErrorMiddleware>>()).InvokeAsync);

        // First what is waited for when an instance begins: the call of an automation that begins too, and probes.
        app.UseRoutes(static routes => routes.MapResolve());
        app.UseRoutes(static routes => routes.MapHealth());
        app.UseRoutes(static routes => routes.MapOthers());
        return app;
    }

    /// <summary>
    /// Endpoints behind a router of their own, which is built by the first request that gets as far as this: an instance that was started for one
    /// resolve need not know eighty other routes first. What matches none of them goes on.
    /// </summary>
    private static void UseRoutes(this IApplicationBuilder app, Action<IEndpointRouteBuilder> map) => app.Use(next =>
    {
        var services = app.ApplicationServices;
        var router = new Lazy<RequestDelegate>(() =>
        {
            // Not a branch of the host's builder: that has one set of routes for all its routers.
            var built = new ApplicationBuilder(services);
            built.UseRouting();
            built.Use(rest => new AccessMiddleware(
                rest, services.GetRequiredService<Authenticator>(), services.GetRequiredService<RequestLimits>()).InvokeAsync);
            built.UseEndpoints(map);
            built.Run(next);
            return built.Build();
        });
        return context => router.Value(context);
    });

    private static void MapOthers(this IEndpointRouteBuilder routes)
    {
        routes.MapRender();
        routes.MapVariables();
        routes.MapVariableVersions();
        routes.MapVariableUsage();
        routes.MapImport();
        routes.MapSealingKey();
        routes.MapAutomations();
        routes.MapAssignments();
        routes.MapSnapshots();
        routes.MapProjects();
        routes.MapEnvironments();
        routes.MapOrganizations();
        routes.MapCredentials();
        routes.MapCredentialTests();
        routes.MapWorkloadIdentityConfigs();
        routes.MapTrustPolicy();
        routes.MapWorkloadIdentityTest();
        routes.MapTokens();
        routes.MapCache();
        routes.MapEvents();
        routes.MapRoles();
        routes.MapMembers();
        routes.MapApiKeys();
        routes.MapTrustedIssuers();
        routes.MapWhoami();
        routes.MapAuditEvents();
        routes.MapKeys();
        routes.MapDiscovery();
        routes.MapOpenApiDocument();
    }
}
