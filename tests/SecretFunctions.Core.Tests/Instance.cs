using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Limits;
using SecretFunctions.Core.Maintenance;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Rotation;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Access;
using SecretFunctions.Core.Tests.Vault;
using SecretFunctions.Core.Tests.WorkloadIdentity;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault;
using SecretFunctions.Core.Vault.Sealing;
using SecretFunctions.Core.WorkloadIdentity;
using SecretFunctions.Core.WorkloadIdentity.Doctor;
using SecretFunctions.Testing;
using SecretFunctions.Testing.Storage;

namespace SecretFunctions.Core.Tests;

/// <summary>
/// One instance of the service, put together as the hosts do it, on a store that can be watched. Several may stand on one store.
/// </summary>
internal sealed class Instance
{
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    /// <summary>Stores that are kept open: few enough to be reached in a test.</summary>
    public const int MaxOpen = 5;

    public static readonly TimeSpan MaintenanceInterval = TimeSpan.FromSeconds(60);

    public static readonly KeyRotationOptions RotationOptions = new(TimeSpan.FromMinutes(3), Window);

    private readonly IReadOnlyList<ISecretProvider> _providers;

    private Instance(IEntityStore shared, TestClock clock, TimeSpan window, IRootKeySource source, int retentionDays, IReadOnlyList<ISecretProvider> providers)
    {
        _providers = providers;
        Shared = shared;
        Clock = clock;
        Store = new ObservedEntityStore(shared);
        RootKeys = new RootKeys(Store, source, clock);
        Views = new OrganizationViews(Store, RootKeys, clock, window);
        Audit = new AuditLog(Store, Views, clock);
        Resources = new ResourceStore(Store, Audit, Views, clock);
        Organizations = new OrganizationDirectory(Store, RootKeys, Audit, Views, clock);
        Deployment = new Deployment(Store, RootKeys, Organizations);
        var catalog = new ProviderCatalog(providers) { LendsIdentity = true };
        var limits = new SubjectLimits(Store, catalog);
        Environments = new Environments(Resources, limits);
        Projects = new Projects(Resources, Environments, limits);
        Automations = new AutomationDirectory(Resources, Projects, Environments, limits);
        Assignments = new Assignments(Resources, Automations, Environments);
        Configs = new WorkloadIdentityDirectory(Resources, catalog, limits);
        Credentials = new CredentialDirectory(Resources, Views, catalog);
        var references = new ReferenceBinder(Credentials, new SubjectBinder(Resources), catalog);
        SealingKeys = new SealingKeys(Resources);
        Variables = new VariableDirectory(Resources, Views, Environments, Projects, Automations, references, SealingKeys, new VaultOptions(VaultOptions.MaxVersionsKept));
        Import = new DotenvImport(Resources, Variables, Views);
        Keys = new ApiKeys(Resources);
        OrganizationRewrap = new OrganizationRewrap(Resources, RootKeys, RotationOptions, clock, Logs.CreateLogger<OrganizationRewrap>());
        OrganizationKeys = new OrganizationKeyDirectory(Resources, RootKeys, RotationOptions);
        Members = new Members(Resources);
        Roles = new Roles(Resources);
        TrustedIssuers = new TrustedIssuers(Resources, ForeignTokens, Issuer);
        var tokens = new TokenAuthenticator(Store, Views, Organizations, ForeignTokens, Issuer);
        Authenticator = new Authenticator(Store, Views, Organizations, new OperatorKeys(Store, clock, window), tokens, new AuthenticationFailures(clock), clock);
        var maker = new SigningKeyMaker(RootKeys, IssuerOptions.Default, remote: null);
        SigningKeys = new SigningKeyDirectory(Store, maker, Audit, IssuerOptions.Default, clock, Logs.CreateLogger<SigningKeyDirectory>());
        IssuerKeys = new IssuerKeys(SigningKeys, maker, IssuerOptions.Default, clock, window, Logs.CreateLogger<IssuerKeys>());
        Tokens = new TokenIssuer(Issuer, IssuerKeys, IssuerOptions.Default, clock);
        var subjectTokens = new SubjectTokens(Store, catalog, limits, Tokens);
        Stores = new OpenStores(catalog, subjectTokens, clock) { MaxOpen = MaxOpen };
        Probe = new FakeProbe(this);
        var subjects = new CredentialSubjects(new SubjectBinder(Resources), Automations, Projects, Environments);
        Doctor = new FederationDoctor(subjects, new ExchangeWays(Resources, catalog), subjectTokens, limits, catalog, Probe, Audit, clock);
        AutomationTokens = new AutomationTokens(Automations, Environments, new TokenAudiences(Store), limits, catalog, Tokens, Audit, clock);
        var fetcher = new SecretFetcher(Store, Stores, Statistics, new ResolveOptions(TimeSpan.FromSeconds(10)), clock, NullLogger<SecretFetcher>.Instance);
        Resolver = new Resolver(Resources, Automations, Environments, references, SealingKeys, fetcher, catalog, Audit, clock);
        Cache = new SecretCache(Resources, Credentials, Statistics);
        Snapshots = new Snapshots(Resources, Views, Automations, Resolver);
        var wraps = new RootWraps(RootKeys, Organizations, SigningKeys, Logs.CreateLogger<RootWraps>());
        RootKeyDirectory = new RootKeyDirectory(RootKeys, wraps, Audit, RotationOptions, clock, Logs.CreateLogger<RootKeyDirectory>());
        var bulkhead = new Bulkhead(Logs.CreateLogger<Bulkhead>());
        var rotated = new RotatedSecrets(Cache);
        Hints = new RotationHints(Store, Views, rotated);
        Reader = new AuditReader(Store);
        Checkpoints = new CheckpointStore(Store, IssuerKeys, Issuer, clock, Logs.CreateLogger<CheckpointStore>());
        CheckpointMaker = new CheckpointMaker(Store, Checkpoints, clock, Logs.CreateLogger<CheckpointMaker>());
        Verifier = new AuditVerifier(Store, Audit, Checkpoints);
        Maintenance = new MaintenanceRound(
            new MaintenanceLeases(Store, new MaintenanceOptions(MaintenanceInterval), clock),
            new SigningKeyMaintenance(SigningKeys, Issuer, clock, Logs.CreateLogger<SigningKeyMaintenance>()),
            RootKeyDirectory,
            Organizations,
            new OrganizationMaintenance(
                Store,
                Views,
                new CacheWatch(Store, Stores, rotated, bulkhead, clock, Logs.CreateLogger<CacheWatch>()),
                new ExpiryWarnings(Store, Audit, clock, Logs.CreateLogger<ExpiryWarnings>()),
                new ExpiredKeys(Resources),
                OrganizationRewrap,
                CheckpointMaker,
                new Retention(Store, Checkpoints, new AuditOptions(retentionDays), clock, Logs.CreateLogger<Retention>()),
                bulkhead),
            bulkhead);
    }

    public IEntityStore Shared { get; }

    public TestClock Clock { get; }

    public ObservedEntityStore Store { get; }

    public OrganizationViews Views { get; }

    public AuditLog Audit { get; }

    public AuditReader Reader { get; }

    public AuditVerifier Verifier { get; }

    public CheckpointStore Checkpoints { get; }

    public CheckpointMaker CheckpointMaker { get; }

    public ResourceStore Resources { get; }

    public OrganizationDirectory Organizations { get; }

    public Deployment Deployment { get; }

    public Environments Environments { get; }

    public Projects Projects { get; }

    public AutomationDirectory Automations { get; }

    public Assignments Assignments { get; }

    public SealingKeys SealingKeys { get; }

    public VariableDirectory Variables { get; }

    public DotenvImport Import { get; }

    public WorkloadIdentityDirectory Configs { get; }

    public AutomationTokens AutomationTokens { get; }

    public FakeProbe Probe { get; }

    public FederationDoctor Doctor { get; }

    public CredentialDirectory Credentials { get; }

    public OpenStores Stores { get; }

    public CacheStatistics Statistics { get; } = new();

    public SecretCache Cache { get; }

    public ApiKeys Keys { get; }

    public RootKeys RootKeys { get; }

    public RootKeyDirectory RootKeyDirectory { get; }

    public OrganizationKeyDirectory OrganizationKeys { get; }

    public OrganizationRewrap OrganizationRewrap { get; }

    public Members Members { get; }

    public Roles Roles { get; }

    public PlainTokens ForeignTokens { get; } = new();

    public TrustedIssuers TrustedIssuers { get; }

    public Authenticator Authenticator { get; }

    public Resolver Resolver { get; }

    public Snapshots Snapshots { get; }

    public RotationHints Hints { get; }

    public MaintenanceRound Maintenance { get; }

    /// <summary>Nothing, until a test announces an address.</summary>
    public IssuerAddress Issuer { get; } = new(null);

    public SigningKeyDirectory SigningKeys { get; }

    public IssuerKeys IssuerKeys { get; }

    public TokenIssuer Tokens { get; }

    /// <summary>What maintenance logs.</summary>
    public CapturedLogs Logs { get; } = new();

    /// <summary>An owner of the default organization, who calls with a credential of their own.</summary>
    public Caller Owner { get; private set; } = new("", "", new Principal(PrincipalType.Member, "owner@example.org"), Permissions.All) { MemberId = "owner", Opens = new Person("owner@example.org", "owner") };

    public string OrganizationId => Owner.OrganizationId;

    private static CancellationToken None => CancellationToken.None;

    /// <summary>Started, on a store of its own unless one is given.</summary>
    public static async Task<Instance> StartAsync(IEntityStore? store = null, TestClock? clock = null, TimeSpan? window = null, IRootKeySource? rootKeys = null, int retentionDays = 0, params ISecretProvider[] providers)
    {
        var instance = new Instance(store ?? new InMemoryEntityStore(), clock ?? new TestClock(), window ?? Window, rootKeys ?? new SingleRootKey(VaultVectors.RootKey), retentionDays, providers);
        await instance.Deployment.StartAsync(bootstrapKey: null, None);
        var id = (await instance.Organizations.FindIdAsync(Deployment.DefaultOrganization, None)).ShouldNotBeNull();
        instance.Owner = instance.Owner with { OrganizationId = id, OrganizationName = Deployment.DefaultOrganization };
        instance.Store.Forget();
        return instance;
    }

    /// <summary>Another instance on the same store and clock.</summary>
    public Task<Instance> SecondAsync() => StartAsync(Shared, Clock, providers: [.. _providers]);

    public async Task<OrganizationView> ViewAsync() => (await Views.GetAsync(OrganizationId, None)).ShouldNotBeNull();

    /// <summary>A member who calls with a credential of their own.</summary>
    public Caller Person(string email)
    {
        var person = Callers.Person(email);
        return Owner with { Principal = new Principal(PrincipalType.Member, email), MemberId = person.Id, Opens = person };
    }

    /// <summary>A member with this role.</summary>
    public async Task MemberAsync(string email, string role = "owner", Caller? by = null) =>
        (await Members.PutAsync(by ?? Owner, email, new MemberInput([role], null, null), Precondition.None, None)).ShouldSucceed();

    public async Task SetAsync(string key, string value, VariableScope? scope = null, params string[] tags)
    {
        // What is personal, its member alone sets.
        var caller = scope is { Kind: ScopeKind.Personal, Person: var person } ? Person(person.Email) : Owner;
        using var secret = new SecretValue(Encoding.UTF8.GetBytes(value));
        (await Variables.PutAsync(caller, Address(key, scope), new VariableInput(secret, null, tags, null, null), Precondition.None, None)).ShouldSucceed();
    }

    public async Task AutomateAsync(string name, string? owner = null, params (string Key, string Scope)[] assigned)
    {
        (await Automations.PutAsync(Owner, name, "default", owner, null, null, Precondition.None, None)).ShouldSucceed();

        // As their own word, which it takes for what is personal.
        (await Assignments.PutAsync(
            owner is null ? Owner : Person(owner), name, "prod", [.. assigned.Select(static item => new AssignmentInput(item.Key, item.Scope))], Precondition.None, None)).ShouldSucceed();
    }

    /// <summary>Resolves in <c>prod</c>, as the owner or as the automation itself.</summary>
    public async Task<Result<Core.Resolution.Resolution>> ResolveAsync(
        string? automation, Caller? caller = null, bool partial = false, string? snapshot = null, params string[] tags) =>
        await Resolver.ResolveAsync(
            new Session(caller ?? Owner, await ViewAsync()), Input(automation, partial, snapshot, tags), "variable.resolve", None);

    public static ResolveInput Input(string? automation, bool partial = false, string? snapshot = null, params string[] tags) =>
        new(automation, null, "prod", tags, null, Fresh: false, partial, snapshot);

    public static VariableAddress Address(string key, VariableScope? scope = null)
    {
        VariableKey.TryParse(key, out var parsed).ShouldBeTrue();
        return new VariableAddress("prod", scope ?? VariableScope.Organization, parsed);
    }

    /// <summary>What the log says, newest first.</summary>
    public async Task<List<System.Text.Json.JsonElement>> AuditEventsAsync(string? organizationId = null)
    {
        var events = new List<System.Text.Json.JsonElement>();
        await foreach (var (_, json) in Reader.ReadAsync(organizationId ?? OrganizationId, null, AuditFilter.All, None))
        {
            events.Add(System.Text.Json.JsonElement.Parse(json));
        }

        return events;
    }
}
