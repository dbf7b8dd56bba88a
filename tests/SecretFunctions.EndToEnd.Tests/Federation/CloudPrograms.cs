using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests.Federation;

/// <summary>Programs in the places of the clouds' own, which write down what they were called with, and answer with an id.</summary>
internal sealed class CloudPrograms(string folder)
{
    public const string Tenant = "11111111-1111-1111-1111-111111111111";

    /// <summary>One line of arguments for each call; what came from standard input, where <c>-</c> is the last argument, is one more. Given to a
    /// field (<c>value=-</c>) it is read too, as the real program does: whoever writes to one that has ended fails.</summary>
    public async Task<string[][]> CallsAsync() =>
        [.. (await File.ReadAllTextAsync(Path.Combine(folder, "calls"))).Split('\u001e', StringSplitOptions.RemoveEmptyEntries).Select(static call => call.Split('\0'))];

    /// <param name="exists">Whether what is asked for is there.</param>
    public async Task InstallAsync(bool exists)
    {
        foreach (var (program, answer) in new[] { ("aws", "123456789012"), ("gcloud", "123456789012"), ("az", Tenant), ("vault", "{}"), ("conjur", "") })
        {
            var path = Path.Combine(folder, program);
            await File.WriteAllTextAsync(path, $$"""
                #!/bin/sh
                for last in "$@"; do :; done
                { printf '%s\0' "${0##*/}" "$@"; [ "$last" != - ] || { cat; printf '\0'; }; printf '\036'; } >> '{{folder}}/calls'
                case "$last" in *=-) cat > /dev/null ;; esac
                echo '{{answer}}'
                case "$*" in
                  "account show"* | "projects describe"* | *get-caller-identity* | "ad signed-in-user"* | "keyvault show"*) ;;
                  *" get-"* | *" describe "* | *" show "*) exit {{(exists ? 0 : 1)}} ;;
                esac

                """);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        }
    }

    public async Task RunAsync(string script)
    {
        var file = Path.Combine(folder, "setup.sh");
        await File.WriteAllTextAsync(file, script);
        var start = Programs.Start("sh", [file]);
        start.Environment["PATH"] = $"{folder}:{start.Environment["PATH"]}";
        start.WorkingDirectory = folder;
        (await Outcome.RunAsync(start)).ShouldSucceed();
    }
}
