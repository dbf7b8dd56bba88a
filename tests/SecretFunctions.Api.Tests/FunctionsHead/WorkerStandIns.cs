namespace SecretFunctions.Api.Tests.FunctionsHead;

/// <summary>
/// What the head uses of the worker's packages, with the names, namespaces and parameters they have there: enough to compile the head where those
/// packages cannot be had, and nothing that runs.
/// </summary>
internal static class WorkerStandIns
{
    public const string Source = """
        #nullable enable
        namespace Microsoft.Azure.Functions.Worker
        {
            using System;

            [AttributeUsage(AttributeTargets.Method)]
            public class FunctionAttribute(string name) : Attribute
            {
                public string Name { get; } = name;
            }

            public enum AuthorizationLevel { Anonymous = 0, User = 1, Function = 2, System = 3, Admin = 4 }

            [AttributeUsage(AttributeTargets.Parameter)]
            public sealed class HttpTriggerAttribute : Attribute
            {
                public HttpTriggerAttribute() { }
                public HttpTriggerAttribute(params string[] methods) { }
                public HttpTriggerAttribute(AuthorizationLevel authLevel) { }
                public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods) { }
                public string? Route { get; set; }
            }

            [AttributeUsage(AttributeTargets.Parameter)]
            public sealed class TimerTriggerAttribute(string schedule) : Attribute
            {
                public string Schedule { get; } = schedule;
                public bool UseMonitor { get; set; }
                public bool RunOnStartup { get; set; }
            }

            public class TimerInfo
            {
                public bool IsPastDue { get; set; }
            }

            [AttributeUsage(AttributeTargets.Parameter)]
            public sealed class QueueTriggerAttribute(string queueName) : Attribute
            {
                public string QueueName { get; } = queueName;
                public string? Connection { get; set; }
            }
        }

        namespace Microsoft.Azure.Functions.Worker.Builder
        {
            using Microsoft.Extensions.Configuration;
            using Microsoft.Extensions.DependencyInjection;
            using Microsoft.Extensions.Hosting;

            public class FunctionsApplication
            {
                public static FunctionsApplicationBuilder CreateBuilder(string[] args) => throw null!;
            }

            public class FunctionsApplicationBuilder
            {
                public ConfigurationManager Configuration => throw null!;
                public IServiceCollection Services => throw null!;
                public IHost Build() => throw null!;
            }

            public static class FunctionsApplicationBuilderAspNetCoreExtensions
            {
                public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder) => builder;
            }
        }
        """;

    /// <summary>What the SDK adds to every file of such a project.</summary>
    public const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;
}
