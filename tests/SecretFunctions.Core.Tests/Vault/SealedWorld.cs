using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Maintenance;
using SecretFunctions.Core.Tests.Resolution;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault;
using SecretFunctions.Testing.Storage;

namespace SecretFunctions.Core.Tests.Vault;

/// <summary>An organization with something sealed of every kind, and what tests of rotation look at.</summary>
internal sealed class SealedWorld
{
    public const string Crew = "crew";

    private readonly FakeProvider _provider;
    private string _snapshot = "";

    private SealedWorld(Instance instance, FakeProvider provider) => (Instance, _provider) = (instance, provider);

    /// <summary>The one in use: another takes its place where one was killed.</summary>
    public Instance Instance { get; private set; }

    private static CancellationToken None => CancellationToken.None;

    public static async Task<SealedWorld> StartAsync(IRootKeySource? rootKeys = null)
    {
        var provider = new FakeProvider();
        provider.Secrets["external"] = "from-outside";
        var world = new SealedWorld(await Instance.StartAsync(rootKeys: rootKeys, providers: provider), provider);
        await world.FillAsync();
        return world;
    }

    /// <summary>The same on a store of its own, as a backup of this moment would have it.</summary>
    public async Task<SealedWorld> CopyAsync(IRootKeySource? rootKeys = null)
    {
        var copy = new InMemoryEntityStore();
        var organizations = await Instance.Organizations.ListAsync(None);
        foreach (var partition in organizations.Select(static name => name.Document.Id).Prepend(Rows.Deployment))
        {
            await foreach (var entity in Instance.Shared.ReadAllAsync(new EntityRange(partition, "!", "~~"), 500, None))
            {
                await copy.WriteAsync(partition, [EntityWrite.Insert(entity.Key.Row, entity.Data)], None);
            }
        }

        return new SealedWorld(await Instance.StartAsync(copy, rootKeys: rootKeys, providers: _provider), _provider) { _snapshot = _snapshot };
    }

    /// <summary>As after a crash: nothing is left but what is stored.</summary>
    public async Task<Instance> RestartAsync(IRootKeySource? rootKeys = null) => Instance = await Instance.StartAsync(Instance.Shared, Instance.Clock, rootKeys: rootKeys, providers: _provider);

    public async Task<Failure?> RotateAsync() => await Instance.OrganizationKeys.RotateAsync(Instance.Owner, None);

    public async Task<OrganizationKeyReport> ReportAsync() => (await Instance.OrganizationKeys.ReportAsync(Instance.OrganizationId, None)).ShouldSucceed();

    /// <summary>Rounds until the rotation is over.</summary>
    public async Task FinishAsync(int rounds = 60)
    {
        for (var round = 0; (await ReportAsync()).Rotation is { } rotation; round++)
        {
            round.ShouldBeLessThan(rounds, $"the rotation does not end: {rotation}");
            await Instance.NextRoundAsync();
        }
    }

    public async Task<StoredOrganizationKeys> KeysAsync() =>
        (await Instance.Shared.GetAsync(Instance.OrganizationId, Rows.Keys, StoredJson.Default.StoredOrganizationKeys, None)).ShouldNotBeNull().Document;

    /// <summary>Every sealed row as it lies.</summary>
    public async Task<List<(SealedRows Kind, Entity Entity)>> RowsAsync()
    {
        var rows = new List<(SealedRows, Entity)>();
        foreach (var kind in SealedRows.All)
        {
            await foreach (var entity in Instance.Shared.ReadAllAsync(EntityRange.Prefix(Instance.OrganizationId, kind.Prefix), 100, None))
            {
                rows.Add((kind, entity));
            }
        }

        return rows;
    }

    /// <summary>Every envelope, with its row.</summary>
    public async Task<List<(string Row, SealedPart Part)>> EnvelopesAsync() =>
        [.. (await RowsAsync()).SelectMany(row => row.Kind.Read(Instance.OrganizationId, row.Entity).Select(part => (row.Entity.Key.Row, part)))];

    public async Task<int[]> VersionsInUseAsync() =>
        [.. (await EnvelopesAsync()).Select(static envelope => Envelope.KeyVersionOf(envelope.Part.Envelope)!.Value).Distinct().Order()];

    /// <summary>Every value of every kind opens for an instance that has seen nothing, and is what it was.</summary>
    public async Task VerifyAsync(string organizationValue = "organization-2", IRootKeySource? rootKeys = null)
    {
        await RestartAsync(rootKeys);
        (await Instance.ResolveAsync(Crew)).Values().OrderBy(static value => value.Key).ShouldBe(
        [
            new("AUTOMATION", "automation"), new("EXTERNAL", "from-outside"), new("ORGANIZATION", organizationValue), new("PERSONAL", "personal"), new("PROJECT", "project"),
        ]);
        (await Instance.ResolveAsync(Crew, snapshot: _snapshot)).Values()["ORGANIZATION"].ShouldBe("organization-2");
        var keys = (await Instance.ViewAsync()).Keys;
        foreach (var (row, part) in await EnvelopesAsync())
        {
            using var value = Envelope.Open(keys, part.Context, part.Envelope).ShouldNotBeNull(row);
        }
    }

    private async Task FillAsync()
    {
        var owner = Instance.Owner;
        await Instance.AutomateAsync(Crew, owner.Principal.Name);
        await Instance.SetAsync("ORGANIZATION", "organization-1");
        await Instance.SetAsync("ORGANIZATION", "organization-2");
        await Instance.SetAsync("PROJECT", "project", VariableScope.Project("default"));
        await Instance.SetAsync("AUTOMATION", "automation", VariableScope.Automation(Crew));
        await Instance.SetAsync("PERSONAL", "personal", VariableScope.Personal(owner.Principal.Name));
        var token = new Dictionary<string, JsonElement> { ["type"] = JsonElement.Parse("\"static\""), ["token"] = JsonElement.Parse("\"t\"") };
        var credential = new CredentialInput(
            "fake", new Dictionary<string, JsonElement> { ["place"] = JsonElement.Parse("\"here\"") }, token, false, new CredentialScope(null, []), 86400, 0, null);
        (await Instance.Credentials.PutAsync(owner, "main", credential, Precondition.None, None)).ShouldSucceed();
        await Instance.ReferAsync("EXTERNAL", "main", "external");
        await Instance.AutomateAsync(
            Crew, owner.Principal.Name,
            ("ORGANIZATION", "organization"), ("PROJECT", "project"), ("AUTOMATION", "automation"), ("PERSONAL", "personal"), ("EXTERNAL", "organization"));
        var session = new Session(owner, await Instance.ViewAsync());
        _snapshot = (await Instance.Snapshots.CreateAsync(session, Crew, Instance.Input(Crew), null, None)).ShouldSucceed().Document.Id;
        (await Instance.SealingKeys.GetCurrentAsync(session, None)).ShouldSucceed();
        await Instance.ValuesAsync(); // Cached, once this returns.
        (await RowsAsync()).Select(static row => row.Kind).Distinct().ShouldBe(SealedRows.All, "something of every kind");
    }
}
