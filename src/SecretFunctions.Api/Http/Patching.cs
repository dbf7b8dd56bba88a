using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Core;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Api.Http;

/// <summary>PATCH for every resource: read, merge, write back exactly what was read.</summary>
internal static class Patching
{
    private const int MaxAttempts = 5;

    /// <param name="context">The request, with the patch as its body.</param>
    /// <param name="read">The resource now.</param>
    /// <param name="toRequest">Its request form, without what is secret.</param>
    /// <param name="save">A PUT of the merged request, on condition that nobody was faster.</param>
    /// <param name="adjust">Takes from that form what does not outlive this patch; null: nothing.</param>
    public static async Task<Answer<TResource>> RunAsync<TStored, TRequest, TResource>(
        HttpContext context,
        Func<Task<Result<Stored<TStored>>>> read,
        Func<TStored, TRequest> toRequest,
        Func<TRequest, Precondition, Task<Answer<TResource>>> save,
        Func<TRequest, JsonObject, TRequest>? adjust = null)
    {
        if (!context.Precondition().TryGet(out var precondition, out var failure)
            || !(await MergePatch.ReadAsync(context)).TryGet(out var patch, out failure))
        {
            return failure;
        }

        for (var attempt = 1; ; attempt++)
        {
            if (!(await read()).TryGet(out var current, out failure)
                || (failure = precondition.Check(current.ETag)) is not null
                || !MergePatch.Apply(adjust is null ? toRequest(current.Document) : adjust(toRequest(current.Document), patch), patch).TryGet(out var request, out failure))
            {
                return failure;
            }

            var answer = await save(request, new Precondition([ResourceTag.Of(current.ETag)], IfNoneMatch: false));

            // Without a demand of the caller's, a lost race is ours to repeat: the patch applies to whatever is there.
            if (answer.Failure is not { Kind: FailureKind.PreconditionFailed } || precondition.IsConditional || attempt == MaxAttempts)
            {
                return answer;
            }
        }
    }
}
