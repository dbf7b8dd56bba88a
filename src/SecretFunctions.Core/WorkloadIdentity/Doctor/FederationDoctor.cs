using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.WorkloadIdentity.Doctor;

/// <param name="As">Whom tokens are to be about.</param>
/// <param name="Credential">Through which to go; null: the first that refers to the configuration.</param>
/// <param name="Secret">To read as well; null stops after the exchange.</param>
public sealed record DoctorInput(SubjectChoice As, string? Credential, SecretReference? Secret);

/// <param name="Identity">Who we became, where the cloud tells.</param>
/// <param name="Token">What was exchanged says; null where none was made.</param>
public sealed record DoctorReport(string? Identity, DecodedToken? Token, IReadOnlyList<TestStep> Steps)
{
    public bool Ok => Steps.All(static step => step.Failure is null);
}

/// <summary>
/// Goes the way of a token from making it to reading with it, and says where it does not fit: what the token says beside what others know of it.
/// Safe for concurrent use.
/// </summary>
public sealed class FederationDoctor(
    CredentialSubjects subjects,
    ExchangeWays ways,
    SubjectTokens tokens,
    SubjectLimits limits,
    ProviderCatalog providers,
    IIssuerProbe probe,
    AuditLog audit,
    TimeProvider time)
{
    /// <summary>A failure is one of the request; whatever is found out is in the report.</summary>
    /// <exception cref="Store.StoreUnavailableException">What was done could not be recorded.</exception>
    public async Task<Result<DoctorReport>> RunAsync(Session session, WorkloadIdentityConfig config, DoctorInput input, CancellationToken cancellationToken)
    {
        var organization = session.View.Organization;
        if (CheckRead(session.Caller, config, input) is { } failure
            || !(await subjects.FindAsync(session.Caller, new Demand(Feature.WorkloadIdentityConfigs, Level.Manage), organization, input.As, cancellationToken)).TryGet(out var who, out failure))
        {
            return failure;
        }

        var way = await ways.FindAsync(organization.Id, config, who, input.Credential, cancellationToken);
        var bound = await subjects.BindAsync(organization, config, who, cancellationToken);
        if (new[] { way.Failure, bound.Failure }.FirstOrDefault(static problem => problem is { Kind: FailureKind.Invalid }) is { } wrong)
        {
            return wrong;
        }

        var report = bound.TryGet(out var subject, out failure)
            ? await ExamineAsync(session, config, subject, way, input.Secret, cancellationToken)
            : new DoctorReport(null, null, [new TestStep("subject", failure, null)]);

        // Not given up when the caller hangs up: what was done is written down before anything of it is shown.
        await audit.AppendAsync(Describe(session.Caller, config, input, report));
        return report;
    }

    private async Task<DoctorReport> ExamineAsync(
        Session session, WorkloadIdentityConfig config, BoundSubject subject, Result<ExchangeWay> way, SecretReference? secret, CancellationToken cancellationToken)
    {
        if (providers.FindCloud(config.Cloud) is not { } cloud)
        {
            return new DoctorReport(null, null, [new TestStep("subject", NoCloud(config), null)]);
        }

        if (limits.Check(config, subject.Subject) is { } tooLong)
        {
            return new DoctorReport(null, null, [new TestStep("subject", tooLong, null)]);
        }

        var text = subject.Subject.ToString();
        var steps = new List<TestStep> { new("subject", null, $"{text}: {text.Length} of at most {cloud.MaxSubjectLength} characters.") };
        using var tested = new TestedTokens(
            tokens.For(session.View.Organization.Id, subject), token => audit.AppendAsync(Describe(session.Caller, config, token)));
        if (await tested.MintAheadAsync(config.Audience, cancellationToken) is { } notMinted)
        {
            steps.Add(new TestStep("mint", notMinted, null));
            return new DoctorReport(null, null, steps);
        }

        steps.Add(new TestStep("mint", null, null));
        var published = new PublicationCheck(probe, cloud, tested.Last!, time);
        await published.RunAsync(cancellationToken);
        steps.AddRange(published.Steps);
        steps.Add(AudienceStep(config, cloud, tested.Last!));
        if (!way.TryGet(out var through, out var failure))
        {
            steps.Add(new TestStep("credential", failure, null));
            AddClock(steps, published.Clock);
            return new DoctorReport(null, tested.Last, steps);
        }

        steps.Add(new TestStep("credential", null, through.Credential is { } credential
            ? $"Through credential '{credential.Name}'."
            : "No credential refers to the configuration, and none is needed to exchange a token."));
        await using var exchange = new ExchangeCheck(through, config, tested, time);
        await ExchangeAsync(exchange, steps, cloud, published.Clock, secret, cancellationToken);
        return new DoctorReport(exchange.Identity, tested.Last, steps);
    }

    private static async Task ExchangeAsync(
        ExchangeCheck exchange, List<TestStep> steps, FederationTarget cloud, ClockReading? issuersClock, SecretReference? secret, CancellationToken cancellationToken)
    {
        var place = steps.Count;
        var exchanged = await exchange.ExchangeAsync(cancellationToken);
        AddClock(steps, exchange.Clock, issuersClock);
        steps.Insert(place, exchanged.Failure is null ? exchanged : Suspect(exchanged, steps));
        if (exchanged.Failure is not null)
        {
            return;
        }

        Reconsider(steps, cloud);
        if (secret is { } reference)
        {
            steps.Add(await exchange.ReadAsync(reference, cancellationToken));
        }
    }

    /// <summary>Reading through a credential is what its own test asks for as well.</summary>
    private static Failure? CheckRead(Caller caller, WorkloadIdentityConfig config, DoctorInput input) =>
        input.Secret is null ? null : Authorizer.Check(caller, new Demand(Feature.SecretProviders, Level.Manage), new Place(config.Scope.Projects, []));

    private static TestStep AudienceStep(WorkloadIdentityConfig config, FederationTarget cloud, DecodedToken token)
    {
        var expected = cloud.DefaultAudience(config.Fields);
        return token.Audience != config.Audience
            ? new TestStep("audience", new Failure(FailureKind.Unresolved, "token.audience_invalid", $"The token's audience is {token.Audience}, and the configuration's is {config.Audience}."), null)
            : new TestStep("audience", null, token.Audience == expected
                ? $"{token.Audience}, as {cloud.DisplayName} expects unless it was told otherwise."
                : $"{token.Audience}. {cloud.DisplayName} must have been told so: by default it is {expected}.");
    }

    private static void AddClock(List<TestStep> steps, params IEnumerable<ClockReading?> readings)
    {
        if (ClockReading.Compare([.. readings.OfType<ClockReading>()]) is { } step)
        {
            steps.Add(step);
        }
    }

    /// <summary>A refusal often follows from what was found before, and some clouds do not say from what.</summary>
    private static TestStep Suspect(TestStep refused, IEnumerable<TestStep> others)
    {
        var failed = string.Join(", ", others.Where(static step => step.Failure is not null).Select(static step => step.Name));
        return failed.Length == 0 ? refused : refused with { Failure = refused.Failure! with { Hint = $"First see to what failed besides ({failed}): it may well be the reason. {refused.Failure.Hint}" } };
    }

    /// <summary>Who answers names differently inside a network than outside of it (split DNS) knows so: the cloud has just checked a signature.</summary>
    private static void Reconsider(List<TestStep> steps, FederationTarget cloud)
    {
        var index = steps.FindIndex(static step => step is { Name: "issuer", Failure.Code: PublicationCheck.NotPublic or IIssuerProbe.Unreachable });
        if (index >= 0)
        {
            steps[index] = new TestStep("issuer", null, $"{steps[index].Failure!.Detail} It let us in all the same, so {cloud.DisplayName} finds it where we do not.");
        }
    }

    private static Failure NoCloud(WorkloadIdentityConfig config) => ProviderFailure.Create(
        ProviderFailure.InvalidRequest, $"This version has no cloud '{config.Cloud}'.", "Delete the configuration, or run the version that wrote it.");

    private AuditEvent Describe(Caller caller, WorkloadIdentityConfig config, DecodedToken token) => new(time.GetUtcNow(), caller, "token.mint", AuditEvent.Success)
    {
        Target =
        [
            KeyValuePair.Create("audience", token.Audience), KeyValuePair.Create("subject", token.Subject), KeyValuePair.Create("config", config.Name), KeyValuePair.Create("purpose", "test"),
        ],
    };

    private AuditEvent Describe(Caller caller, WorkloadIdentityConfig config, DoctorInput input, DoctorReport report)
    {
        (string Name, string? Value)[] target =
        [
            ("config", config.Name),
            ("credential", input.Credential),
            ("automation", input.As.Automation),
            ("project", input.As.Project),
            ("environment", input.As.Environment),
            ("subject", report.Token?.Subject),
            ("secret", input.Secret?.ToString()),
            ("failed", report.Steps.FirstOrDefault(static step => step.Failure is not null)?.Name),
        ];
        return new AuditEvent(time.GetUtcNow(), caller, "workload_identity.test", report.Ok ? AuditEvent.Success : AuditEvent.Failed)
        {
            Target = [.. target.Where(static part => part.Value is not null).Select(static part => KeyValuePair.Create(part.Name, part.Value!))],
        };
    }
}
