using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Api.Resolve;

/// <summary><c>POST /v1/render</c>: templates filled in with resolved variables. One pass; a value is never expanded again.</summary>
internal static class RenderEndpoint
{
    /// <summary>Of all rendered templates together: a template can name a large value many times.</summary>
    private const int MaxRenderedBytes = 4 * 1024 * 1024;

    public static void MapRender(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/render", HandleAsync).WithName("render").RequiresResolve();

    internal static async Task<Answer<RenderResponse>> HandleAsync(
        Body<RenderRequest> body, HttpContext context, Resolver resolver, CancellationToken cancellationToken)
    {
        if (!body.TryGet(out var request, out var failure)
            || !ParseTemplates(request.Templates).TryGet(out var templates, out failure)
            || !ResolveInputs.Parse(
                request.Automation, request.Project, request.Environment, request.Tags, request.Kickoff, request.Fresh, partial: false, request.Snapshot)
                .TryGet(out var input, out failure)
            || !(await resolver.ResolveAsync(context.Session(), input, "variable.render", cancellationToken)).TryGet(out var resolution, out failure))
        {
            return failure;
        }

        using (resolution)
        {
            return Render(templates, resolution).TryGet(out var rendered, out failure)
                ? Answer<RenderResponse>.Ok(new RenderResponse(rendered))
                : failure;
        }
    }

    private static Result<IReadOnlyDictionary<string, Template>> ParseTemplates(IReadOnlyDictionary<string, string> texts)
    {
        var templates = new Dictionary<string, Template>(StringComparer.Ordinal);
        var errors = new List<FailureEntry>();
        foreach (var (name, text) in texts)
        {
            if (text is null)
            {
                return JsonBody.NullAt($"templates.{name}");
            }

            if (Template.Parse(text).TryGet(out var template, out var failure))
            {
                templates.Add(name, template);
            }
            else
            {
                errors.Add(new FailureEntry(failure.Code, failure.Detail) { Field = $"templates.{name}" });
            }
        }

        return errors.Count > 0
            ? Failure.Invalid("template.invalid", "Nothing was rendered: some templates are wrong.") with { Errors = errors }
            : templates;
    }

    private static Result<IReadOnlyDictionary<string, SensitiveText>> Render(IReadOnlyDictionary<string, Template> templates, Resolution resolution)
    {
        var indexes = Enumerable.Range(0, resolution.Count).ToDictionary(resolution.Key, StringComparer.Ordinal);
        var unknown = templates
            .SelectMany(template => template.Value.Keys.Where(key => !indexes.ContainsKey(key.Value)).Select(key => (template.Key, Variable: key.Value)))
            .Select(static missing => new FailureEntry("template.unknown_key", "No variable of this key takes part in this resolve.")
            {
                Field = $"templates.{missing.Key}",
                Key = missing.Variable,
            })
            .ToArray();
        if (unknown.Length > 0)
        {
            return new Failure(FailureKind.Unresolved, "template.unknown_key", "Nothing was rendered: some templates name variables that do not take part.")
            {
                Errors = unknown,
            };
        }

        ReadOnlySpan<byte> ValueOf(VariableKey key) => resolution.Reveal(indexes[key.Value]);
        if (templates.Values.Sum(template => template.Measure(ValueOf)) > MaxRenderedBytes)
        {
            return Failure.Invalid("render.too_large", $"The rendered templates would have more than {MaxRenderedBytes} bytes.");
        }

        var rendered = new Dictionary<string, SensitiveText>(StringComparer.Ordinal);
        foreach (var (name, template) in templates)
        {
            using var buffer = new ClearedBuffer((int)template.Measure(ValueOf) + 1);
            template.Render(buffer, ValueOf);
            rendered.Add(name, new SensitiveText(buffer.Written.ToArray()));
        }

        return rendered;
    }
}
