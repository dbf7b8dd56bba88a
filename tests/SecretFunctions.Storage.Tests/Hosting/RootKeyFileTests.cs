using System.Diagnostics;
using System.Runtime.Versioning;
using SecretFunctions.Core.Vault;
using SecretFunctions.Hosting;
using SecretFunctions.Storage.Tests.Sqlite;

namespace SecretFunctions.Storage.Tests.Hosting;

[UnsupportedOSPlatform("windows")]
public sealed class RootKeyFileTests : IDisposable
{
    private const string KeyLine = "secretfunctions-root-key-v1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();

    private string KeyPath => Path.Combine(_folder.Path, "root.key");

    [Fact]
    public void A_key_is_made_once_for_its_owner_alone_and_nothing_else_is_left()
    {
        using var made = RootKeyFile.Open(KeyPath, mayCreate: true);
        using var read = RootKeyFile.Open(KeyPath, mayCreate: false);

        read.Ids.ShouldBe(made.Ids);
        File.GetUnixFileMode(KeyPath).ShouldBe(OwnerOnly);
        Directory.GetFileSystemEntries(_folder.Path).ShouldBe([KeyPath]);
        File.ReadAllText(KeyPath).ShouldMatch("^secretfunctions-root-key-v1:[0-9a-f]{64}\n$");
    }

    [Fact]
    public void A_folder_that_is_missing_is_made()
    {
        using var made = RootKeyFile.Open(Path.Combine(_folder.Path, "a", "b", "root.key"), mayCreate: true);

        made.Ids.ShouldHaveSingleItem().ShouldStartWith("file:");
    }

    [Fact]
    public void Where_there_is_data_a_missing_key_is_not_made_up()
    {
        Should.Throw<RootKeyException>(() => RootKeyFile.Open(KeyPath, mayCreate: false)).Message.ShouldContain("backup");

        Directory.GetFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void A_key_that_others_can_use_is_refused_and_not_replaced(UnixFileMode others)
    {
        Write(KeyLine, OwnerOnly | others);

        Should.Throw<RootKeyException>(() => RootKeyFile.Open(KeyPath, mayCreate: true)).Message.ShouldContain("chmod 600");
        File.ReadAllText(KeyPath).ShouldBe(KeyLine);
    }

    [Fact]
    public void A_link_is_judged_by_the_file_it_leads_to()
    {
        Write(KeyLine, UnixFileMode.UserRead);
        var link = Path.Combine(_folder.Path, "link");
        File.CreateSymbolicLink(link, KeyPath);

        using var key = RootKeyFile.Open(link, mayCreate: false);
        File.SetUnixFileMode(KeyPath, OwnerOnly | UnixFileMode.GroupRead);

        Should.Throw<RootKeyException>(() => RootKeyFile.Open(link, mayCreate: false));
    }

    [Theory]
    [InlineData(KeyLine)]
    [InlineData(KeyLine + "\n")]
    [InlineData(KeyLine + "\r\n")]
    public void A_key_may_end_its_line_or_not(string text)
    {
        Write(text, OwnerOnly);
        using var expected = new LocalRootKey([.. Enumerable.Range(0, 32).Select(static i => (byte)i)]);

        using var key = RootKeyFile.Open(KeyPath, mayCreate: false);

        key.Ids.ShouldBe([expected.Id]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("secretfunctions-root-key-v1:")]
    [InlineData("secretfunctions-root-key-v2:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")]
    [InlineData("secretfunctions-root-key-v1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e")]
    [InlineData("secretfunctions-root-key-v1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2")]
    [InlineData("secretfunctions-root-key-v1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20")]
    [InlineData("secretfunctions-root-key-v1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g")]
    [InlineData(" secretfunctions-root-key-v1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")]
    [InlineData(KeyLine + "\n" + KeyLine)]
    public void A_file_that_holds_no_key_is_refused_without_repeating_it(string text)
    {
        Write(text, OwnerOnly);

        var refused = Should.Throw<RootKeyException>(() => RootKeyFile.Open(KeyPath, mayCreate: true));

        refused.ToString().ShouldNotContain("000102");
        File.ReadAllText(KeyPath).ShouldBe(text);
    }

    [Fact]
    public void A_folder_in_its_place_is_one_clear_sentence() =>
        Should.Throw<RootKeyException>(() => RootKeyFile.Open(_folder.Path, mayCreate: true)).Message.ShouldContain("cannot be used");

    [Fact]
    public void Threads_that_make_one_at_once_get_the_same()
    {
        for (var round = 0; round < 100; round++)
        {
            var path = Path.Combine(_folder.Path, $"{round}", "root.key");
            using var together = new Barrier(8);
            var ids = new string[8];
            var threads = ids.Index().Select(item => new Thread(() =>
            {
                together.SignalAndWait();
                using var key = RootKeyFile.Open(path, mayCreate: true);
                ids[item.Index] = key.Ids[0];
            })).ToList();
            threads.ForEach(static thread => thread.Start());
            threads.ForEach(static thread => thread.Join());

            ids.Distinct().ShouldHaveSingleItem();
            Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!).ShouldBe([path]);
        }
    }

    [Fact]
    public async Task Processes_that_make_one_at_once_get_the_same()
    {
        var processes = Enumerable.Range(0, 3).Select(_ => Process.Start(
            new ProcessStartInfo("dotnet", [typeof(RootKeyRacer).Assembly.Location, RootKeyRacer.Command, KeyPath])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!).ToArray();
        foreach (var process in processes)
        {
            (await process.StandardOutput.ReadLineAsync()).ShouldBe("ready");
        }

        foreach (var process in processes)
        {
            await process.StandardInput.WriteLineAsync();
            await process.StandardInput.FlushAsync();
        }

        var ids = await Task.WhenAll(processes.Select(static process => process.StandardOutput.ReadLineAsync()));
        ids.Distinct().ShouldHaveSingleItem().ShouldStartWith("file:");
        foreach (var process in processes)
        {
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string text, UnixFileMode mode)
    {
        File.WriteAllText(KeyPath, text);
        File.SetUnixFileMode(KeyPath, mode);
    }
}
