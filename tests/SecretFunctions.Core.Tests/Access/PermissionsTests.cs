using SecretFunctions.Core.Access;

namespace SecretFunctions.Core.Tests.Access;

public sealed class PermissionsTests
{
    [Fact]
    public void Wire_names_are_those_of_the_contract_and_each_feature_has_its_own() =>
        Enum.GetValues<Feature>().Select(Permissions.Name).ShouldBe(
        [
            "secret_providers", "workload_identity_configs", "environment_variables", "secret_values", "automations",
            "members", "api_keys", "audit_events", "keys", "cache",
        ]);

    [Fact]
    public void What_is_written_by_name_reads_back()
    {
        var names = new Dictionary<string, string> { ["secret_values"] = "view", ["keys"] = "manage", ["cache"] = "none" };

        Permissions.TryParse(names, "permissions", out var permissions, out var errors).ShouldBeTrue();

        errors.ShouldBeEmpty();
        permissions!.ToNames().ShouldBe(new Dictionary<string, string> { ["secret_values"] = "view", ["keys"] = "manage" }, ignoreOrder: true);
        permissions[Feature.Members].ShouldBe(Level.None);
    }

    [Theory]
    [InlineData("secret_value", "view", "permission.unknown_feature")]
    [InlineData("SecretValues", "view", "permission.unknown_feature")]
    [InlineData("", "view", "permission.unknown_feature")]
    [InlineData("secret_values", "View", "permission.unknown_level")]
    [InlineData("secret_values", "2", "permission.unknown_level")]
    [InlineData("secret_values", "", "permission.unknown_level")]
    public void A_name_that_is_none_is_refused_and_grants_nothing(string feature, string level, string code)
    {
        var names = new Dictionary<string, string> { ["keys"] = "view", [feature] = level };

        Permissions.TryParse(names, "permissions", out var permissions, out var errors).ShouldBeFalse();

        permissions.ShouldBeNull();
        errors.ShouldHaveSingleItem().ShouldBe(new FailureEntry(code, errors[0].Detail) { Field = $"permissions.{feature}" });
    }

    [Fact]
    public void An_intersection_is_within_both_and_holds_what_both_do()
    {
        var left = Parse(("keys", "manage"), ("cache", "view"), ("members", "view"));
        var right = Parse(("keys", "view"), ("cache", "manage"));

        var both = left.Intersect(right);

        both.ToNames().ShouldBe(new Dictionary<string, string> { ["keys"] = "view", ["cache"] = "view" }, ignoreOrder: true);
        (both.IsWithin(left), both.IsWithin(right), left.IsWithin(right), right.IsWithin(left)).ShouldBe((true, true, false, false));
        (Permissions.None.IsWithin(both), both.IsWithin(Permissions.All), Permissions.All.IsWithin(both)).ShouldBe((true, true, false));
    }

    private static Permissions Parse(params (string Feature, string Level)[] names)
    {
        Permissions.TryParse(names.ToDictionary(static item => item.Feature, static item => item.Level), "permissions", out var permissions, out _).ShouldBeTrue();
        return permissions!;
    }
}
