using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.WorkloadIdentity.Doctor;

namespace SecretFunctions.Core.Tests.WorkloadIdentity;

/// <summary>An instance with a configuration and a credential through it, both <c>main</c>, and an automation <c>crew</c>.</summary>
public abstract class DoctorTest : IdentityTest
{
    private protected const string Healthy = "subject, mint, issuer, discovery, algorithm, keys, response-time, audience, credential, exchange, clock";

    private protected FakeProbe Probe => Instance.Probe;

    private protected Task GivenAsync() => GivenAsync(Config(), "crew");

    private protected async Task<Result<DoctorReport>> RunAsync(
        string? automation = "crew", string environment = "prod", string? credential = null, string? secret = null, string config = "main", Caller? caller = null)
    {
        SecretReference? reference = SecretReference.TryParse(secret, out var parsed) ? parsed : null;
        var stored = (await Instance.Configs.FindAsync(Instance.Owner, config, None)).ShouldSucceed();
        return await Instance.Doctor.RunAsync(
            new Session(caller ?? Instance.Owner, await Instance.ViewAsync()),
            stored.Document,
            new DoctorInput(new SubjectChoice(automation, null, environment), credential, reference),
            None);
    }

    private protected async Task<DoctorReport> ReportAsync(string? secret = null) => (await RunAsync(secret: secret)).ShouldSucceed();

    /// <summary>The one check that fails.</summary>
    private protected static TestStep Failed(DoctorReport report, string name, string code)
    {
        report.Ok.ShouldBeFalse();
        var failed = report.Steps.Where(static step => step.Failure is not null).ShouldHaveSingleItem();
        (failed.Name, failed.Failure!.Code).ShouldBe((name, code));
        failed.Failure.Hint.ShouldNotBeNullOrEmpty();
        return failed;
    }

    private protected static TestStep Step(DoctorReport report, string name) => report.Steps.Single(step => step.Name == name);

    private protected static string Names(DoctorReport report) => string.Join(", ", report.Steps.Select(static step => step.Name));

    private protected static Failure Refusal(string providerCode) =>
        ProviderFailure.Create(ProviderFailure.TrustRejected, "The cloud does not know the token's subject.", "Compare the subject.", providerCode);

    private protected void Refuse(string providerCode, int times)
    {
        for (var time = 0; time < times; time++)
        {
            Provider.Refusals.Enqueue(Refusal(providerCode));
        }
    }

    /// <summary>How long the doctor paused between tries.</summary>
    private protected IEnumerable<double> Pauses => Instance.Clock.SkippedPauses.Select(static pause => pause.TotalSeconds);
}
