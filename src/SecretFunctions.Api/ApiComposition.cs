using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
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
        return services;
    }

    /// <summary>The trace, errors, routing, access, endpoints: in this order.</summary>
    public static IApplicationBuilder UseSecretFunctions(this IApplicationBuilder app)
    {
        app.UseMiddleware<RequestTrace>();
        app.UseMiddleware<ErrorMiddleware>();
        app.UseRouting();
        app.UseMiddleware<AccessMiddleware>();
        app.UseEndpoints(static routes => routes.MapSecretFunctions());
        return app;
    }

    private static void MapSecretFunctions(this IEndpointRouteBuilder routes)
    {
        routes.MapResolve();
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
        routes.MapApiKeys();
        routes.MapTrustedIssuers();
        routes.MapWhoami();
        routes.MapAuditEvents();
        routes.MapKeys();
        routes.MapDiscovery();
        routes.MapHealth();
        routes.MapOpenApiDocument();
    }
}
