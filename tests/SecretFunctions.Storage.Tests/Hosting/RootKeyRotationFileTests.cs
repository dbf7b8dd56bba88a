using System.Runtime.Versioning;
using SecretFunctions.Core.Vault;
using SecretFunctions.Hosting;
using SecretFunctions.Storage.Tests.Sqlite;

namespace SecretFunctions.Storage.Tests.Hosting;

[UnsupportedOSPlatform("windows")]
public sealed class RootKeyRotationFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string KeyPath => Path.Combine(_folder.Path, "root.key");

    [Fact]
    public async Task A_new_key_comes_first_and_the_file_keeps_the_others_and_its_mode()
    {
        using var file = RootKeyFile.Open(KeyPath, mayCreate: true);
        var first = file.Ids[0];
        var line = await File.ReadAllTextAsync(KeyPath);

        var next = file.Next(first);

        file.Ids.ShouldBe([next.Id, first]);
        (await File.ReadAllTextAsync(KeyPath)).ShouldEndWith($"\n{line}");
        File.GetUnixFileMode(KeyPath).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order().ShouldBe([".root.key.lock", "root.key"]);
        using var read = RootKeyFile.Open(KeyPath, mayCreate: false);
        read.Ids.ShouldBe(file.Ids);
        var wrapped = await next.WrapAsync("key"u8.ToArray(), CancellationToken.None);
        (await read.Find(next.Id)!.UnwrapAsync(wrapped, CancellationToken.None)).ShouldBe("key"u8.ToArray());
    }

    [Fact]
    public void A_key_that_was_made_and_not_used_is_taken_before_another_is_made()
    {
        using var file = RootKeyFile.Open(KeyPath, mayCreate: true);
        var first = file.Ids[0];
        var made = file.Next(first).Id;

        using var another = RootKeyFile.Open(KeyPath, mayCreate: false);

        another.Next(first).Id.ShouldBe(made);
        another.Ids.Count.ShouldBe(2);
        another.Next(made).Id.ShouldNotBe(made);
        another.Ids.Count.ShouldBe(3);
    }

    [Fact]
    public void A_key_that_another_process_added_is_found_when_it_is_asked_for()
    {
        using var file = RootKeyFile.Open(KeyPath, mayCreate: true);
        using var another = RootKeyFile.Open(KeyPath, mayCreate: false);
        var added = another.Next(file.Ids[0]).Id;
        file.Ids.ShouldHaveSingleItem();

        file.Find(added).ShouldNotBeNull().Id.ShouldBe(added);
        file.Find("file:0000000000000000").ShouldBeNull();
    }

    [Fact]
    public void Of_many_that_add_one_at_once_no_key_is_lost()
    {
        using var file = RootKeyFile.Open(KeyPath, mayCreate: true);
        var first = file.Ids[0];
        var taken = new string?[16];
        Parallel.For(0, taken.Length, index =>
        {
            using var own = RootKeyFile.Open(KeyPath, mayCreate: false);
            try
            {
                taken[index] = own.Next(first).Id;
            }
            catch (RootKeyException)
            {
                // Another's turn: nothing was added.
            }
        });

        taken.OfType<string>().Distinct().ShouldHaveSingleItem();
        File.ReadAllLines(KeyPath).Length.ShouldBe(2);
    }

    [Fact]
    public void A_link_goes_on_leading_to_the_file_with_the_new_key()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "elsewhere"));
        var target = Path.Combine(_folder.Path, "elsewhere", "key");
        RootKeyFile.Open(target, mayCreate: true).Dispose();
        File.CreateSymbolicLink(KeyPath, target);
        using var file = RootKeyFile.Open(KeyPath, mayCreate: false);

        file.Next(file.Ids[0]);

        new FileInfo(KeyPath).LinkTarget.ShouldBe(target);
        File.ReadAllLines(target).Length.ShouldBe(2);
    }

    [Fact]
    public void A_file_that_lost_the_current_key_is_not_added_to()
    {
        using var file = RootKeyFile.Open(KeyPath, mayCreate: true);
        var text = File.ReadAllText(KeyPath);

        Should.Throw<RootKeyException>(() => file.Next("file:0000000000000000"));

        File.ReadAllText(KeyPath).ShouldBe(text);
    }

    [Fact]
    public void A_full_file_is_said_to_be_full()
    {
        using var file = RootKeyFile.Open(KeyPath, mayCreate: true);
        for (var count = 1; count < 64; count++)
        {
            file.Next(file.Ids[0]);
        }

        Should.Throw<RootKeyException>(() => file.Next(file.Ids[0])).Message.ShouldContain("holds 64 keys");
        RootKeyFile.Open(KeyPath, mayCreate: false).Ids.Count.ShouldBe(64);
    }

    [Fact]
    public void A_key_that_was_added_and_not_made_sure_is_made_sure_before_it_is_taken()
    {
        var (isBroken, flushed) = (false, new List<string>());
        using var file = RootKeyFile.Open(KeyPath, mayCreate: true, Flush);
        var first = file.Ids[0];
        isBroken = true;
        Should.Throw<RootKeyException>(() => file.Next(first)).Message.ShouldContain("No way to the disk.");
        File.ReadAllLines(KeyPath).Length.ShouldBe(2);
        Should.Throw<RootKeyException>(() => file.Next(first), "the key is there, and may be gone after a power cut");
        isBroken = false;
        flushed.Clear();

        file.Next(first).Id.ShouldNotBe(first);

        flushed.ShouldBe([KeyPath]);
        File.ReadAllLines(KeyPath).Length.ShouldBe(2);

        void Flush(string path)
        {
            flushed.Add(path);
            if (isBroken)
            {
                throw new IOException("No way to the disk.");
            }
        }
    }

    [Fact]
    public void A_first_key_that_another_made_is_made_sure_too()
    {
        RootKeyFile.Open(KeyPath, mayCreate: true).Dispose();
        var flushed = new List<string>();

        RootKeyFile.Open(KeyPath, mayCreate: true, flushed.Add).Dispose();

        flushed.ShouldBe([KeyPath]);
        Should.Throw<RootKeyException>(() => RootKeyFile.Open(KeyPath, mayCreate: true, static _ => throw new IOException("No way to the disk.")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_killed_process_left_with_all_keys_in_it_is_removed(bool isRotated)
    {
        using var file = RootKeyFile.Open(KeyPath, mayCreate: true);
        foreach (var name in new[] { ".root.key.0123ABCD", ".root.key.lock", "root.key.0123ABCD", ".root.key.0123abcd.bak", ".root.key.backup12" })
        {
            File.Copy(KeyPath, Path.Combine(_folder.Path, name));
        }

        if (isRotated)
        {
            file.Next(file.Ids[0]);
        }
        else
        {
            RootKeyFile.Open(KeyPath, mayCreate: false).Dispose();
        }

        Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe([".root.key.0123abcd.bak", ".root.key.backup12", ".root.key.lock", "root.key", "root.key.0123ABCD"]);
    }

    [Fact]
    public void Who_starts_while_another_adds_a_key_leaves_its_file_alone()
    {
        RootKeyFile.Open(KeyPath, mayCreate: true).Dispose();
        var unfinished = Path.Combine(_folder.Path, ".root.key.0123ABCD");
        File.Copy(KeyPath, unfinished);
        using (new FileStream(Path.Combine(_folder.Path, ".root.key.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            RootKeyFile.Open(KeyPath, mayCreate: false).Ids.ShouldHaveSingleItem();
        }

        File.Exists(unfinished).ShouldBeTrue();
    }

    public void Dispose() => _folder.Dispose();
}
