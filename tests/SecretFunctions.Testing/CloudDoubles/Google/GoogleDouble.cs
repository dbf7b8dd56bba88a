using Microsoft.AspNetCore.Http;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Testing.CloudDoubles.Google;

/// <summary>
/// Google Cloud as far as we use it, on one address: <c>oauth2.googleapis.com/token</c> (<see cref="Accounts"/>),
/// <c>sts.googleapis.com</c> and <c>iamcredentials.googleapis.com</c> (<see cref="Pools"/>), and <c>secretmanager.googleapis.com/v1</c>, global
/// and regional (<see cref="Secrets"/>).
/// </summary>
public sealed class GoogleDouble : CloudDouble
{
    public GoogleDouble(TimeProvider clock)
        : base(https: false)
    {
        Accounts = new GoogleAccounts(clock);
        Pools = new GooglePools(Accounts, new FederatedTokens(clock), clock, Record);
        Secrets = new GoogleSecrets(Accounts, Record);
    }

    public GoogleAccounts Accounts { get; }

    public GooglePools Pools { get; }

    public GoogleSecrets Secrets { get; }

    protected override async Task HandleAsync(HttpContext context)
    {
        switch (context.Request.Method, context.Request.Path.Value)
        {
            case ("POST", "/token"):
                Record("token");
                await Accounts.AnswerTokenAsync(context);
                break;
            case ("POST", "/v1/token"):
                await Pools.ExchangeAsync(context);
                break;
            case ("POST", { } path) when path.StartsWith(GooglePools.AccountsPath, StringComparison.Ordinal):
                await Pools.ImpersonateAsync(context, path[GooglePools.AccountsPath.Length..]);
                break;
            case ("GET", { } path) when path.StartsWith("/v1/projects/", StringComparison.Ordinal):
                await Secrets.HandleAsync(context, path["/v1/".Length..]);
                break;
            default:
                context.Response.StatusCode = 404;
                break;
        }
    }
}
