using Microsoft.AspNetCore.Http;
using SecretFunctions.Core;
using SecretFunctions.Core.Rotation;

namespace SecretFunctions.Api.Tests.Hosting;

/// <summary>Goes wrong in the midst of a request, in the way a test wants: as the source of events <c>accident</c>.</summary>
public sealed class Accident : IRotationSource
{
    public string Name => "accident";

    public IReadOnlyList<string> MediaTypes { get; } = ["application/json"];

    public Action<HttpContext> Happen { get; set; } = static _ => { };

    /// <summary>How the request is known in here, besides by parameters.</summary>
    public IHttpContextAccessor? Accessor { get; set; }

    public Result<RotationMessage> Parse(ReadOnlyMemory<byte> json)
    {
        Happen(Accessor?.HttpContext ?? throw new InvalidOperationException("There is no context."));
        return new RotationMessage([]);
    }
}
