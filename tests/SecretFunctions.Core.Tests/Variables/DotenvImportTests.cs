using System.Text;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Tests.Variables;

public sealed class DotenvImportTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_document_is_one_transaction_whose_event_names_what_changed()
    {
        var instance = await Instance.StartAsync();
        await instance.SetAsync("SAME", "1");
        await instance.SetAsync("OLD", "1");
        instance.Store.Forget();

        (await ImportAsync(instance, "SAME=1\nOLD=2\nNEW=3\n")).ShouldSucceed().ShouldBe(new ImportOutcome(Created: 1, Updated: 1, Unchanged: 1));

        instance.Store.Writes.ShouldHaveSingleItem();
        (await instance.AuditEventsAsync())[0].GetProperty("target").GetProperty("keys").GetString().ShouldBe("OLD,NEW");
    }

    [Fact]
    public async Task A_variable_changed_meanwhile_leaves_all_of_them_as_they_were()
    {
        var instance = await Instance.StartAsync();
        await instance.SetAsync("OLD", "1");
        var other = await instance.SecondAsync();
        instance.Store.BeforeWrite = async _ =>
        {
            instance.Store.BeforeWrite = null;
            await other.SetAsync("OLD", "another's");
        };

        (await ImportAsync(instance, "NEW=3\nOLD=2\n")).ShouldFail("import.conflict");

        await instance.AutomateAsync("crew", null, ("OLD", "organization"));
        (await instance.ResolveAsync("crew")).Values()["OLD"].ShouldBe("another's");
        (await instance.Variables.GetAsync(instance.Owner, Instance.Address("NEW"), None)).ShouldFail("variable.not_found");
    }

    [Fact]
    public async Task A_dry_run_says_the_same_and_changes_nothing()
    {
        var instance = await Instance.StartAsync();

        (await ImportAsync(instance, "NEW=3\n", dryRun: true)).ShouldSucceed().Created.ShouldBe(1);

        instance.Store.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task As_many_as_a_transaction_holds_are_imported_and_one_more_is_refused()
    {
        var instance = await Instance.StartAsync();

        (await ImportAsync(instance, Lines(DotenvImport.MaxChanges + 1))).ShouldFail("import.too_large");
        instance.Store.Writes.ShouldBeEmpty();
        (await ImportAsync(instance, Lines(DotenvImport.MaxChanges))).ShouldSucceed().Created.ShouldBe(DotenvImport.MaxChanges);
    }

    [Fact]
    public async Task A_document_far_too_large_costs_no_more_than_one_a_little_too_large()
    {
        var instance = await Instance.StartAsync();

        (await ImportAsync(instance, Lines(50_000))).ShouldFail("import.too_large");

        instance.Store.Reads.Count.ShouldBeLessThan(DotenvImport.MaxChanges + 10);
    }

    private static string Lines(int count) => string.Concat(Enumerable.Range(0, count).Select(static i => $"KEY_{i}=\n"));

    private static Task<Result<ImportOutcome>> ImportAsync(Instance instance, string document, bool dryRun = false) =>
        instance.Import.ImportAsync(instance.Owner, "prod", VariableScope.Organization, Encoding.UTF8.GetBytes(document), dryRun, None);
}
