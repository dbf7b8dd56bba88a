using System.Security.Cryptography;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;
using SecretFunctions.Testing;
using SecretFunctions.Testing.Storage;

namespace SecretFunctions.Core.Tests.Organizations;

public sealed class DeploymentTests
{
    private const string Configured = "a-bootstrap-key-of-32-characters";

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Of_instances_that_start_at_once_one_shows_a_key_and_all_serve_the_same_organization()
    {
        for (var round = 0; round < 20; round++)
        {
            var store = new InMemoryEntityStore();
            var clock = new TestClock();
            var instances = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Instance.StartAsync(store, clock))));

            instances.Select(static instance => instance.OrganizationId).Distinct().ShouldHaveSingleItem();
            (await Deployment.HasDataAsync(store, None)).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task The_key_made_at_the_first_start_is_the_operators_and_is_shown_once()
    {
        var instance = await Instance.StartAsync(new InMemoryEntityStore());
        (await instance.Deployment.StartAsync(null, None)).ShouldBeNull("it was shown by the first start");

        var fresh = new InMemoryEntityStore();
        var rootKeys = new RootKeys(fresh, new SingleRootKey(Vault.VaultVectors.RootKey), instance.Clock);
        var organizations = new OrganizationDirectory(fresh, rootKeys, instance.Audit, instance.Views, instance.Clock);
        var key = (await new Deployment(fresh, rootKeys, organizations).StartAsync(null, None)).ShouldNotBeNull();

        (await IsOperatorAsync(fresh, key)).ShouldBeTrue();
        (await IsOperatorAsync(fresh, key[..^1] + (key[^1] == 'A' ? 'B' : 'A'))).ShouldBeFalse();
        (await IsOperatorAsync(fresh, $"sfk_{new string('a', 20)}{key[24..]}")).ShouldBeFalse("the id belongs to it");
    }

    [Fact]
    public async Task A_configured_key_replaces_the_one_before()
    {
        var instance = await Instance.StartAsync();

        (await instance.Deployment.StartAsync(Configured, None)).ShouldBeNull();
        (await IsOperatorAsync(instance.Shared, Configured)).ShouldBeTrue();

        (await instance.Deployment.StartAsync(Configured + "!", None)).ShouldBeNull();
        (await IsOperatorAsync(instance.Shared, Configured)).ShouldBeFalse();
        (await IsOperatorAsync(instance.Shared, Configured + "!")).ShouldBeTrue();
    }

    [Fact]
    public async Task Data_of_another_root_key_is_refused_before_anything_is_made()
    {
        var instance = await Instance.StartAsync();
        var another = new LocalRootKey(RandomNumberGenerator.GetBytes(LocalRootKey.KeyBytes));

        var refused = await Should.ThrowAsync<RootKeyException>(() => Instance.StartAsync(instance.Shared, rootKeys: new SingleRootKey(another)));

        refused.Message.ShouldContain(another.Id);
        another.Dispose();
    }

    private static Task<bool> IsOperatorAsync(IEntityStore store, string presented) =>
        new OperatorKeys(store, TimeProvider.System, TimeSpan.Zero).IsOperatorAsync(presented, None);
}
